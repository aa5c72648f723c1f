/** Rows that fingers and minds follow, forwards and backwards: digits, letters, keys side by side, keys in columns. */
const rows = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  'qazwsxedcrfvtgbyhnujmikolp',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  '!@#$%^&*()',
].flatMap((row) => [row, [...row].reverse().join('')])

/** What people write when a password is asked for. */
const words =
  'password passwort passwd passw0rd contrasena motdepasse welcome willkommen bienvenue letmein login admin administrator root user guest test testing demo default changeme secret access master superman batman dragon monkey shadow sunshine princess football baseball basketball soccer hockey michael jordan jennifer charlie daniel iloveyou loveyou lovely love hello hallo whatever trustno freedom computer internet samsung google facebook microsoft windows summer winter spring autumn january february march april june july august september october november december monday friday sunday starwars pokemon minecraft qwerty azerty company'.split(
    ' ',
  )

const year = /^(?:19|20)\d\d/
const looksLike: Readonly<Record<string, string>> = { '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' }
/** With fewer parts a password is guessed in the first minutes. */
const fewestParts = 5
const shortestRow = 3

/**
 * Whether a password is little more than a row of keys, a repetition, or a well-known word with a number: the fewest parts
 * that make it up are counted, each such row, word or year being one.
 */
export function isEvident(password: string, minLength: number): boolean {
  const text = password.normalize('NFKC').toLowerCase()
  const unit = shortestUnit(text)
  return unit.length < Math.min(minLength, text.length) || hasFewerParts(text, fewestParts)
}

/** What a text repeats from its start to its end; the text itself where it repeats nothing. */
function shortestUnit(text: string): string {
  for (let length = 1; length <= text.length / 2; length++) {
    let at = length
    while (at < text.length && text[at] === text[at - length]) at++
    if (at === text.length) return text.slice(0, length)
  }
  return text
}

/** Whether fewer than so many parts make up a text. Whoever chose more has left the rows behind after a few steps, however long it is. */
function hasFewerParts(text: string, most: number): boolean {
  const plain = [...text].map((character) => looksLike[character] ?? character).join('')
  let reached = new Set([0])
  for (let parts = 1; parts < most; parts++) {
    const next = new Set<number>()
    for (const at of reached) for (const length of partsAt(text, plain, at)) next.add(at + length)
    if (next.has(text.length)) return true
    reached = next
  }
  return false
}

/** The lengths of all parts that begin at a place; one character is a part as well. */
function partsAt(text: string, plain: string, at: number): readonly number[] {
  if (at >= text.length) return []
  const lengths = [1]
  const longest = longestRow(text, at)
  for (let length = shortestRow; length <= longest; length++) lengths.push(length)
  for (const word of words) if (text.startsWith(word, at) || plain.startsWith(word, at)) lengths.push(word.length)
  if (year.test(text.slice(at, at + 4))) lengths.push(4)
  return lengths
}

/** How much of a text, from a place on, is one row of keys or one key again and again. */
function longestRow(text: string, at: number): number {
  let longest = 1
  while (text[at + longest] === text[at]) longest++
  for (const row of rows) {
    for (let start = row.indexOf(text[at] as string); start !== -1; start = row.indexOf(text[at] as string, start + 1)) {
      let length = 1
      while (at + length < text.length && start + length < row.length && row[start + length] === text[at + length]) length++
      longest = Math.max(longest, length)
    }
  }
  return longest
}
