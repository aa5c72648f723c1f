/** The tags without repeats, in groups of at most `most`. */
export function batchesOf(tags: readonly string[], most: number): string[][] {
  const distinct = [...new Set(tags)]
  return Array.from({ length: Math.ceil(distinct.length / most) }, (_, index) => distinct.slice(index * most, (index + 1) * most))
}
