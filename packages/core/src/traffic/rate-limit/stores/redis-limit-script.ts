import { redisScript } from '../../../foundation/redis/redis-script.ts'
import { tolerance } from '../algorithms/algorithm.ts'
import { slidingParts } from '../algorithms/sliding.ts'

/**
 * The judgement of judge-claims.ts in one atomic step, on the clock of Redis, which all processes share.
 * For each key six arguments: algorithm, attempts, limit, window in ms, cost, end of the calendar period as ms from now.
 * Answers, for each: wait before, remaining, reset, wait after; whole ms, rounded up.
 */
export const takeScript = redisScript(`
local clock = redis.call('TIME')
local time = clock[1] * 1000 + clock[2] / 1000
local budgets, admitted = {}, true

local function slidingWait(b, cost)
  local excess = b.total + cost - b.limit
  if excess <= 0 then return 0 end
  for i = 1, #b.state, 2 do
    excess = excess - b.state[i + 1]
    if excess <= 0 then return b.state[i] + b.window - b.now end
  end
  return b.window
end

local function wait(b)
  if b.algorithm == 's' then return slidingWait(b, b.cost) end
  if b.algorithm == 'b' then
    local over = b.full + b.cost * b.each - b.now - b.limit * b.each
    if over <= ${tolerance} then return 0 end
    return over
  end
  if b.count + b.cost <= b.limit then return 0 end
  return b.ends - b.now
end

for i, key in ipairs(KEYS) do
  local a = (i - 1) * 6
  local b = { key = key, algorithm = ARGV[a + 1], attempts = tonumber(ARGV[a + 2]), limit = tonumber(ARGV[a + 3]),
    window = tonumber(ARGV[a + 4]), cost = tonumber(ARGV[a + 5]), now = time }
  local raw = redis.call('GET', key)
  local state = raw and cmsgpack.unpack(raw) or {}
  if b.algorithm == 's' then
    b.state, b.total = {}, 0
    if #state > 0 and state[#state - 1] > b.now then b.now = state[#state - 1] end
    for j = 1, #state, 2 do
      if state[j] + b.window - b.now > ${tolerance} then
        b.state[#b.state + 1] = state[j]
        b.state[#b.state + 1] = state[j + 1]
        b.total = b.total + state[j + 1]
      end
    end
  elseif b.algorithm == 'b' then
    b.each = b.window / b.attempts
    b.full = math.max(state[1] or 0, b.now)
  else
    b.ends = state[1] or (b.now + (b.algorithm == 'c' and tonumber(ARGV[a + 6]) or b.window))
    b.count = state[2] or 0
    if b.ends - b.now <= ${tolerance} then
      b.count = 0
      b.ends = b.now + (b.algorithm == 'c' and tonumber(ARGV[a + 6]) or b.window)
    end
  end
  b.wait = wait(b)
  if b.wait > 0 then admitted = false end
  budgets[i] = b
end

local answer = {}
for i, b in ipairs(budgets) do
  local after, remaining, reset = b.wait, 0, 0
  if admitted then
    local ttl
    if b.algorithm == 's' then
      local n = #b.state
      local part = b.window / ${slidingParts}
      if n > 0 and math.floor(b.state[n - 1] / part) == math.floor(b.now / part) then
        b.state[n - 1] = b.now
        b.state[n] = b.state[n] + b.cost
      else
        b.state[n + 1] = b.now
        b.state[n + 2] = b.cost
      end
      b.total = b.total + b.cost
      ttl = b.window
    elseif b.algorithm == 'b' then
      b.full = b.full + b.cost * b.each
      b.state = { b.full }
      ttl = b.full - b.now
    else
      b.count = b.count + b.cost
      b.state = { b.ends, b.count }
      ttl = b.ends - b.now
    end
    redis.call('SET', b.key, cmsgpack.pack(b.state), 'PX', math.max(1, math.ceil(ttl)))
    after = wait(b)
  end
  if b.algorithm == 's' then
    remaining = b.limit - b.total
    if #b.state > 0 then reset = b.state[#b.state - 1] + b.window - b.now end
  elseif b.algorithm == 'b' then
    remaining = b.limit - (b.full - b.now) / b.each + ${tolerance}
    reset = b.full - b.now
  else
    remaining = b.limit - b.count
    if b.count > 0 then reset = b.ends - b.now end
  end
  answer[#answer + 1] = math.ceil(b.wait)
  answer[#answer + 1] = math.max(0, math.floor(remaining))
  answer[#answer + 1] = math.ceil(reset - ${tolerance})
  answer[#answer + 1] = math.ceil(after)
end
return answer
`)

/** One argument: how long the subject is kept out, in ms. */
export const blockScript = redisScript(`
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], 'GT', now + tonumber(ARGV[1]), ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -10001)
redis.call('PEXPIREAT', KEYS[1], tonumber(redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]) + 1000)
return 1
`)

/** Subjects with the ms for which they are still kept out, one after the other. */
export const blockedScript = redisScript(`
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES', 'LIMIT', 0, 10000)
for i = 2, #found, 2 do found[i] = tonumber(found[i]) - now end
return found
`)
