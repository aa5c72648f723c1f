import { fullTextColumn, weightsOf } from '../full-text/describe-full-text.ts'
import type { FullTextShape } from '../full-text/full-text-options.ts'
import type { SearchTerm } from '../full-text/parse-search.ts'
import { mysqlFullTextColumns, sqliteFullText } from '../full-text/render-full-text.ts'
import type { DialectModel } from '../model/dialect-model.ts'
import { quoteIdentifier } from '../sql/quote-identifier.ts'
import type { Condition } from './condition.ts'
import type { QueryState } from './query-state.ts'
import type { SqlWriter } from './sql-writer.ts'

/** What a search asks of a model. Words are letters and digits alone, so that none of them is an operator to any database. */
export interface Search {
  readonly terms: readonly SearchTerm[]
}

/** Whether there is anything to be relevant for. */
export const hasWanted = ({ terms }: Search): boolean => terms.some(({ excluded }) => !excluded)

/** The condition of a search. */
export function writeSearch(out: SqlWriter, search: Search, model: DialectModel, qualifier: string): void {
  const shape = model.definition.fullText
  const wanted = hasWanted(search)
  const { dialect } = out
  if (dialect === 'postgres') {
    out.add('f?', `${qualifier}.${quoteIdentifier(fullTextColumn, dialect)} @@ to_tsquery('${shape.language}'::regconfig, `)
    out.value(postgresQuery(search))
    out.add('', ')')
  } else if (dialect === 'mysql') {
    const columns = mysqlFullTextColumns(shape).map(({ name }) => `${qualifier}.${quoteIdentifier(name, dialect)}`)
    mysqlParts(search).forEach(({ text, excluded }, at) => {
      out.add(excluded ? '!f?' : 'f?', `${at === 0 ? '(' : ' and '}${excluded ? 'not ' : ''}match(${columns.join(', ')}) against (`)
      out.value(text)
      out.add('', ' in boolean mode)')
    })
    out.add('', ')')
  } else if (out.joined === search) out.add('T', '1 = 1')
  else {
    const { index, keys } = sqliteFullText(model.definition.table)
    const key = quoteIdentifier(shape.key, dialect)
    out.add(
      wanted ? 'f?' : '!f?',
      `${qualifier}.${key} ${wanted ? '' : 'not '}in (select k.record from ${index} inner join ${keys} k on k.id = ${index}.rowid where ${index} match `,
    )
    out.value(sqliteQuery(search))
    out.add('', ')')
  }
}

/**
 * SQLite knows how relevant rows are only while it searches them: their scores, to be joined with the table. Where every row
 * has to be a hit the join is the condition.
 */
export function writeScores(out: SqlWriter, search: Search, { conditions }: Pick<QueryState, 'conditions'>, model: DialectModel): void {
  if (out.dialect !== 'sqlite') return
  const shape = model.definition.fullText
  const { index, keys } = sqliteFullText(model.definition.table)
  const weights = shape.columns.map(({ weight }) => weight).join(', ')
  const required = isRequired(conditions, search)
  if (required) out.joined = search
  out.add(
    required ? 'j?' : 'J?',
    ` ${required ? 'inner' : 'left'} join (select k.record, bm25(${index}, ${weights}) as score from ${index} inner join ${keys} k on k.id = ${index}.rowid where ${index} match `,
  )
  out.value(sqliteQuery(search))
  out.add('', `) scored on scored.record = ${model.table}.${quoteIdentifier(shape.key, 'sqlite')}`)
}

function isRequired(conditions: readonly Condition[], search: Search): boolean {
  if (conditions.some((condition) => condition.or)) return false
  return conditions.some((condition) =>
    condition.kind === 'search' ? condition.search === search : condition.kind === 'group' && !condition.not && isRequired(condition.conditions, search),
  )
}

/** The most relevant first: a term of `order by`. */
export function writeRelevance(out: SqlWriter, search: Search, model: DialectModel): void {
  const shape = model.definition.fullText
  const { dialect } = out
  if (dialect === 'sqlite') {
    // Scores are below zero; what was found for another reason has none.
    out.add('r', 'coalesce(scored.score, 0)')
    return
  }
  if (dialect === 'postgres') {
    out.add(
      'r?',
      `ts_rank('{${postgresWeights(shape)}}', ${model.table}.${quoteIdentifier(fullTextColumn, dialect)}, to_tsquery('${shape.language}'::regconfig, `,
    )
    out.value(postgresQuery(search))
    // Of long texts each word counts less.
    out.add('', '), 1) desc')
    return
  }
  const columns = mysqlFullTextColumns(shape).map(({ name, weight }) => ({ text: `${model.table}.${quoteIdentifier(name, dialect)}`, weight }))
  const wanted = search.terms.filter(({ excluded }) => !excluded)
  // MySQL 9 says infinity while its counts of an index are stale, and refuses to multiply it.
  out.add('r?', `least(match(${columns.map(({ text }) => text).join(', ')}) against (`)
  out.value(mysqlText(wanted, '+'))
  out.add('', ' in boolean mode), 1000000)')
  // A word is as rare as it is in all columns together; where it is only says how much that counts.
  if (columns.length > 1) {
    columns.forEach(({ text, weight }, at) => {
      out.add('', `${at === 0 ? ' * (' : ' + '}${weight} * (match(${text}) against (`)
      out.value(mysqlText(wanted, ''))
      out.add('', ' in boolean mode) > 0)')
    })
    out.add('', ')')
  }
  out.add('', ' desc')
}

/** Classes D, C, B, A, between 0 and 1. */
function postgresWeights({ columns }: FullTextShape): string {
  const weights = weightsOf(columns)
  return [3, 2, 1, 0].map((at) => (weights[at] ?? 0) / (weights[0] as number)).join(',')
}

function postgresQuery({ terms }: Search): string {
  return terms
    .map(({ words, prefix, excluded }) => {
      const phrase = words.map((word) => `'${word}'`).join(' <-> ')
      return `${excluded ? '!' : ''}(${phrase}${prefix ? ':*' : ''})`
    })
    .join(' & ')
}

function sqliteQuery({ terms }: Search): string {
  const text = ({ words, prefix }: SearchTerm) => `"${words.join(' ')}"${prefix ? ' *' : ''}`
  const wanted = terms.filter(({ excluded }) => !excluded).map(text)
  const unwanted = terms.filter(({ excluded }) => excluded).map(text)
  if (wanted.length === 0) return unwanted.join(' OR ')
  return unwanted.length === 0 ? wanted.join(' AND ') : `(${wanted.join(' AND ')}) NOT (${unwanted.join(' OR ')})`
}

/** InnoDB leaves out longer words, and would find what does not have them. */
const longestWord = 80

/** InnoDB loses terms where phrases stand beside others, so each phrase is a search of its own; so is all that must not be there. */
function mysqlParts({ terms }: Search): readonly { readonly text: string; readonly excluded: boolean }[] {
  return [false, true].flatMap((excluded) => {
    const own = terms.filter((term) => term.excluded === excluded)
    const words = own.filter((term) => term.words.length === 1)
    const phrases = own.filter((term) => term.words.length > 1)
    const parts = [...(words.length === 0 ? [] : [words]), ...phrases.map((phrase) => [phrase])]
    return parts.map((part) => ({ text: mysqlText(part, excluded ? '' : '+'), excluded }))
  })
}

/** `+` asks for all of them, no sign for any. */
function mysqlText(terms: readonly SearchTerm[], sign: '+' | ''): string {
  return terms
    .map(({ words, prefix }) => {
      // No word of an index ends so.
      const texts = words.map((word) => (word.length > longestWord ? `${word.slice(0, longestWord)}___` : `${word}${prefix ? '*' : '__'}`))
      return `${sign}${words.length > 1 ? `"${texts.join(' ')}"` : texts.join('')}`
    })
    .join(' ')
}
