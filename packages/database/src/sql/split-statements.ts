// In the order in which they are tried at each place: what a semicolon may stand in, then the end of a statement.
const token =
  /(?<comment>--[^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<quoted>'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|"(?:[^"\\]|\\[\s\S]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$))|(?<directive>(?<=^|\n)[ \t]*delimiter[ \t]+(?<mark>\S+)[^\n]*)/giy

/**
 * The statements of a MySQL script, which its server takes one at a time. Semicolons in texts and comments end none, and
 * `delimiter` changes what does, as the mysql client has it.
 */
export function splitStatements(script: string): string[] {
  const statements: string[] = []
  let delimiter = ';'
  let start = 0
  let at = 0
  const end = (to: number) => {
    const statement = script.slice(start, to).trim()
    if (statement.replace(/--[^\n]*|#[^\n]*|\/\*(?!!)[\s\S]*?\*\//g, '').trim() !== '') statements.push(statement)
  }
  while (at < script.length) {
    token.lastIndex = at
    const match = token.exec(script)
    const mark = match?.groups?.['mark']
    if (match !== null) {
      at = token.lastIndex
      if (mark === undefined) continue
      delimiter = mark
      start = at
    } else if (script.startsWith(delimiter, at)) {
      end(at)
      at += delimiter.length
      start = at
    } else at++
  }
  end(script.length)
  return statements
}
