import { writeSync, write } from 'node:fs'

/** Where log lines go. */
export interface LogDestination {
  /** One line with its line feed. */
  write(line: string): void
  /** Writes what is waiting, at once. */
  flush(): void
}

/** Text held back while the descriptor does not take more; beyond it lines are dropped and counted. */
const mostWaiting = 8 * 1024 * 1024

/** Lines that follow a write wait this long for company, in ms … */
const pause = 10
/** … or until this much has come together: a write costs as much as a whole request, whatever its size. */
const enough = 256 * 1024

/** Matches no line, and has the engine put a line together to see that. */
const noLine = /^\n/

/**
 * Collects lines and writes them to a file descriptor: the first ones after a quiet time in the next turn of the event
 * loop, those of a busy time together. What waits when the process ends is written synchronously.
 */
export function createLineWriter(fd: number): LogDestination {
  let waiting = ''
  let writing = false
  let scheduled = false
  let resting: NodeJS.Timeout | undefined
  let dropped = 0

  function writeOut(): void {
    scheduled = false
    if (writing || waiting === '') return
    clearTimeout(resting)
    resting = undefined
    const chunk = Buffer.from(waiting)
    waiting = ''
    writing = true
    send(chunk, 0)
  }

  function send(chunk: Buffer, offset: number): void {
    write(fd, chunk, offset, chunk.length - offset, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        // The reader of a pipe is behind.
        setTimeout(() => send(chunk, offset), 10).unref()
        return
      }
      if (error === null && offset + written < chunk.length) {
        send(chunk, offset + written)
        return
      }
      // A descriptor that is gone (EPIPE, EBADF) has nobody who could be told.
      writing = false
      if (waiting.length >= enough) writeOut()
      else resting = setTimeout(rested, pause).unref()
    })
  }

  function rested(): void {
    resting = undefined
    writeOut()
  }

  function flush(): void {
    const chunk = Buffer.from(waiting)
    waiting = ''
    for (let offset = 0, tries = 0; offset < chunk.length && tries < 1_000; tries++) {
      try {
        offset += writeSync(fd, chunk, offset)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
      }
    }
  }

  flushAtExit(flush)
  return {
    write: (line) => {
      if (waiting.length > mostWaiting) {
        dropped++
        return
      }
      if (dropped > 0) {
        waiting += `{"level":40,"time":${Date.now()},"pid":${process.pid},"msg":"${dropped} log lines were dropped because nobody read them"}\n`
        dropped = 0
      }
      // Text is made of its pieces while these are in the processor's caches; later it would take twice as long.
      noLine.test(line)
      waiting += line
      if (scheduled || writing || (resting !== undefined && waiting.length < enough)) return
      scheduled = true
      setImmediate(writeOut)
    },
    flush,
  }
}

let flushes: (() => void)[] | undefined

/** One listener for all writers: a process may have many applications. */
function flushAtExit(flush: () => void): void {
  if (flushes === undefined) {
    const all: (() => void)[] = (flushes = [])
    process.once('exit', () => {
      for (const one of all) one()
    })
  }
  flushes.push(flush)
}

/** Keeps lines in memory, for tests. */
export function createMemoryDestination(): LogDestination & { readonly lines: string[] } {
  const lines: string[] = []
  return { lines, write: (line) => void lines.push(line), flush: () => {} }
}
