import { isNativeError } from 'node:util/types'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRedactor } from './redact.ts'
import { SecretValues } from './secret-values.ts'

describe('secret values', () => {
  const listOf = (fields: unknown) => {
    const values = new SecretValues(createRedactor(['iban']).hides)
    values.addFrom(fields)
    return values.list()
  }

  test('are those of hidden fields, at any depth, in the forms that they take', () => {
    expect(listOf({ name: 'Ada Lovelace', iban: 'DE89 3704', deep: [{ password: { first: 'secret"one', second: 1234567 } }] })).toEqual(
      expect.arrayContaining(['DE89 3704', 'DE89%203704', 'secret"one', 'secret\\"one', '1234567']),
    )
    expect(listOf({ name: 'Ada Lovelace' })).toEqual([])
  })

  test('are bounded: none shorter than six characters, and no more than a few hundred', () => {
    expect(listOf({ pin: '1234', token: 'abcde' })).toEqual([])
    expect(listOf({ token: Array.from({ length: 10_000 }, (_, n) => `value-${n}`) }).length).toBeLessThanOrEqual(400)
    const circular: Record<string, unknown> = { token: 'a secret' }
    circular['self'] = circular
    expect(listOf(circular)).toContain('a secret')
  })

  test('appear in nothing that is written with them, wherever they stand', () => {
    const secret = fc.string({ minLength: 8, maxLength: 30 })
    const redact = createRedactor()
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (hidden, before, after) => {
        const values = new SecretValues(redact.hides)
        values.add(hidden)
        const list = values.list()
        const error = new TypeError(before + hidden + after, { cause: Object.assign(new Error(hidden), { detail: [hidden, { [hidden]: hidden }] }) })
        const shown = [redact({ text: before + hidden + after, list: [hidden], map: new Map([[hidden, hidden]]), err: error }, list), redact.error(error, list)]
        const seen = JSON.stringify(shown) + String(shown[1]) + String((shown[1] as Error).stack) + String((shown[1] as Error).cause)
        expect(seen.includes(hidden) && !`${before}${after}[redacted]TypeError`.includes(hidden)).toBe(false)
      }),
      { numRuns: 200, seed: 11 },
    )
  })

  test('that stand where a long text is cut are found', () => {
    const text = `${'x'.repeat(8_190)}a-secret-value`
    expect(JSON.stringify(createRedactor()({ text }, ['a-secret-value']))).not.toContain('a-')
  })
})

describe('an error that is shown', () => {
  class PaymentFailed extends Error {
    override readonly name = 'PaymentFailed'
    readonly card: string
    readonly token: string
    constructor(card: string, token: string, cause: unknown) {
      super(`card ${card} refused: token=${token}`, { cause })
      this.card = card
      this.token = token
    }
  }
  const error = new PaymentFailed('4111111111111111', 'tok_1', new AggregateError([new Error('password=hunter2')], 'several'))
  const shown = createRedactor().error(error, ['4111111111111111']) as PaymentFailed

  test('is of the same class, with its stack, and leaves the original as it is', () => {
    expect(shown).toBeInstanceOf(PaymentFailed)
    expect([shown.name, shown.message, shown.card, shown.token]).toEqual([
      'PaymentFailed',
      'card [redacted] refused: token=[redacted]',
      '[redacted]',
      '[redacted]',
    ])
    expect(shown.stack).toContain('redact.test.ts')
    expect(error.card).toBe('4111111111111111')
  })

  test('is a real error, whatever platform class it has', () => {
    const aborted = createRedactor().error(new DOMException('aborted: token=hunter2', 'AbortError')) as DOMException
    expect([aborted.name, aborted.message, aborted.code]).toEqual(['AbortError', 'aborted: token=[redacted]', 20])
    expect([isNativeError(shown), String(shown)]).toEqual([true, 'PaymentFailed: card [redacted] refused: token=[redacted]'])
    const frozen = createRedactor().error(Object.freeze(new RangeError('password=hunter2'))) as Error
    expect([frozen.name, frozen.message]).toEqual(['RangeError', 'password=[redacted]'])
  })

  test('has causes and errors within that are shown too', () => {
    expect(shown.cause).toBeInstanceOf(AggregateError)
    expect((shown.cause as AggregateError).errors[0]).toMatchObject({ message: 'password=[redacted]' })
    const circular = new Error('round')
    circular.cause = circular
    expect((createRedactor().error(circular) as Error).message).toBe('round')
  })

  test('is shown whatever somebody has made of it', () => {
    class Odd extends Error {
      get detail(): string {
        throw new Error('no')
      }
      override get name(): string {
        return 'Odd'
      }
    }
    const odd = Object.assign(new Odd('token=hunter2'), { message: { nested: 'token=hunter2' } })
    Object.defineProperty(odd, 'detail', { value: 'own', enumerable: true })
    expect((createRedactor().error(odd) as Odd).detail).toBe('own')
    const unreadable = Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error('no')
      },
    })
    expect((createRedactor().error(unreadable) as Error).message).toBe('[unreadable]')
  })

  test('may be no error at all', () => {
    expect(createRedactor().error({ password: 'hunter2' })).toEqual({ password: '[redacted]' })
    expect(createRedactor().error('password=hunter2')).toBe('password=[redacted]')
    expect(createRedactor().error(undefined)).toBeUndefined()
  })
})
