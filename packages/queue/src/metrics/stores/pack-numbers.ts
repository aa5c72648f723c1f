import type { StoredNumbers } from '../job-metrics.ts'
import type { EncodedSketch } from '../sketch.ts'

const sketches = ['wait', 'run', 'cpu', 'memory'] as const
/** Below every index of a bin. */
const lowest = -1_200
const comma = 44
const colon = 58
const nine = 57
const zero = 48
const letters = 87

/**
 * Numbers in less than half of the room that their JSON takes: of each bin its count in base 36, and before it how far it is from
 * the last one where that is not next to it.
 */
export function packNumbers({ attempts, ...all }: StoredNumbers): string {
  return [attempts.join(','), ...sketches.map((name) => packSketch(all[name]))].join('|')
}

function packSketch([zeros, sum, max, pairs]: EncodedSketch): string {
  if (pairs.length === 0 && zeros === 0) return ''
  const order = Array.from({ length: pairs.length / 2 }, (_, at) => [pairs[2 * at] as number, pairs[2 * at + 1] as number] as const).sort(([a], [b]) => a - b)
  let last = lowest
  const bins = order.map(([index, count]) => {
    const step = index - last
    last = index
    return step === 1 ? count.toString(36) : `${step.toString(36)}:${count.toString(36)}`
  })
  return `${zeros};${sum};${max};${bins.join(',')}`
}

export function unpackNumbers(text: string): StoredNumbers {
  const [attempts = '', wait = '', run = '', cpu = '', memory = ''] = text.split('|')
  return { attempts: attempts.split(',').map(Number), wait: unpackSketch(wait), run: unpackSketch(run), cpu: unpackSketch(cpu), memory: unpackSketch(memory) }
}

function unpackSketch(text: string): EncodedSketch {
  if (text === '') return [0, 0, 0, []]
  const [zeros, sum, max, bins = ''] = text.split(';')
  return [Number(zeros), Number(sum), Number(max), unpackBins(bins)]
}

// By the character, because there are as many numbers in it as a window has bins in all of its rows.
function unpackBins(text: string): number[] {
  const pairs: number[] = []
  if (text === '') return pairs
  let index = lowest
  let step = 1
  let value = 0
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? comma : text.charCodeAt(at)
    if (code === comma) {
      index += step
      pairs.push(index, value)
      step = 1
      value = 0
    } else if (code === colon) {
      step = value
      value = 0
    } else value = value * 36 + (code <= nine ? code - zero : code - letters)
  }
  return pairs
}
