import type { Command } from 'glueful'
import { toObjects } from '../connection/row-objects.ts'
import { currentDatabases } from '../connection/databases.ts'
import { explainSlowQueries, suggestionsOf, type ExplainedQuery, type IndexSuggestion } from '../optimize/optimize-queries.ts'
import { forgetSlowQueries, readSlowQueries } from '../optimize/slow-query-table.ts'
import { liveColumns } from '../schema/live-columns.ts'
import type { ReadRows } from '../schema/read-rows.ts'
import { slowQueryTable } from '../observe/slow-queries.ts'
import { jsonOption, setupOf, wholeNumber } from './command-setup.ts'

const usualQueries = 20

/** `glueful db optimize` */
export const optimizeCommand: Command = {
  name: 'db optimize',
  summary: 'Explain what was slow, and say which indexes would help',
  options: {
    queries: { summary: `How many slow queries to look at, those that took most time first; ${usualQueries} by default`, value: 'N' },
    forget: 'Forget what was slow, after the indexes are made',
    ...jsonOption,
  },
  run: async (input) => {
    const most = wholeNumber(input, 'queries') ?? usualQueries
    return setupOf(input).connected(async (database) => {
      const read: ReadRows = async (text, params = []) => toObjects(await database.execute(text, params, { writes: true }))
      if ((await liveColumns(database.dialect, slowQueryTable, read)).length === 0) {
        input.print(`There is no table ${slowQueryTable} yet: run glueful migrate.`)
        return 1
      }
      if (input.options['forget'] === true) {
        await forgetSlowQueries(database)
        input.print(input.options['json'] === true ? JSON.stringify({ forgotten: true }) : 'What was slow is forgotten.')
        return 0
      }
      const { all } = currentDatabases()
      const kept = await readSlowQueries(database, most)
      const explained: ExplainedQuery[] = []
      for (const [name, connection] of all)
        explained.push(
          ...(await explainSlowQueries(
            connection,
            kept.filter((query) => query.database === name),
          )),
        )
      const suggestions = suggestionsOf(explained, (name) => all.get(name)?.dialect ?? database.dialect)
      if (input.options['json'] === true) input.print(JSON.stringify({ queries: explained.map(toJson), suggestions }, undefined, 2))
      else input.print(render(explained, suggestions))
      return suggestions.length === 0 ? 0 : 1
    })
  },
}

function toJson({ text, plan, seenAt, ...query }: ExplainedQuery): object {
  return {
    query: text,
    ...query,
    seenAt: new Date(seenAt).toISOString(),
    plan: plan?.lines ?? null,
    place: query.place ?? null,
    problem: query.problem ?? null,
  }
}

function render(explained: readonly ExplainedQuery[], suggestions: readonly IndexSuggestion[]): string {
  if (explained.length === 0) return 'Nothing was slow: queries that take longer than DATABASE_SLOW_QUERY are noted.'
  const advice =
    suggestions.length === 0
      ? ['No index to suggest.']
      : [
          `Indexes that would help, to be made by a migration:`,
          ...suggestions.map(({ migration, database, queries, totalMs, replaces }) => {
            const where = database === 'default' ? '' : ` on ${database}`
            const instead = replaces.length === 0 ? '' : `; ${replaces.join(' and ')} can go then`
            return `  ${migration}${where}\n    ${queries === 1 ? 'one query' : `${queries} queries`} that took ${milliseconds(totalMs)} in all${instead}`
          }),
        ]
  return [...explained.map(renderQuery), ...advice].join('\n')
}

function renderQuery({ text, runs, totalMs, longestMs, place, plan, problem, findings }: ExplainedQuery): string {
  const short = text.replaceAll(/\s+/g, ' ')
  return [
    `${runs} × ${milliseconds(totalMs / runs)}, longest ${milliseconds(longestMs)}${place === undefined ? '' : `, ${place}`}`,
    `  ${short.length > 300 ? `${short.slice(0, 300)}…` : short}`,
    ...(plan?.lines.map((line) => `  | ${line}`) ?? [`  | no plan: ${problem}`]),
    ...findings.map(({ problem: found, reason, columns, readsThen }) => {
      const gain = readsThen === undefined ? '' : `; about ${readsThen.toLocaleString('en')} with it`
      return `  ${found}: ${reason}${columns === undefined ? '' : `. An index on (${columns.join(', ')}) would help${gain}`}.`
    }),
    '',
  ].join('\n')
}

const milliseconds = (ms: number) => `${(Math.round(ms * 10) / 10).toLocaleString('en')} ms`
