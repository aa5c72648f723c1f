import { existsSync } from 'node:fs'
import type { App, Command } from 'glueful'
import { GluefulError, suggest } from 'glueful/errors'
import { fail } from './errors.ts'
import { appFiles, loadApp } from './load-app.ts'
import { parseAppOptions } from './parse-app-options.ts'
import { registry } from './registry.ts'
import { renderAppCommandHelp } from './render-help.ts'

/** The commands of an application and its extensions. */
export function commandsOf(app: App): readonly Command[] {
  const { commands = [], extensions = [] } = app.definition
  return [...commands, ...extensions.flatMap((extension) => extension.commands ?? [])]
}

/** What `glueful --help` says of the application: its commands, or why they are not known; nothing where there is none. */
export async function listAppCommands(): Promise<readonly Command[] | string> {
  if (!appFiles(undefined).some((file) => existsSync(file))) return []
  try {
    return commandsOf(await loadApp(undefined))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Runs the command of the application that the words name. */
export async function runAppCommand(words: readonly string[]): Promise<number> {
  const typed = words.filter((word) => !word.startsWith('-'))
  const named = words.find((word) => word.startsWith('--app='))?.slice('--app='.length)
  let app: App
  try {
    app = await loadApp(named)
  } catch (error) {
    if (error instanceof GluefulError && error.code === 'APP_FILE_MISSING') throw unknownCommand(typed, undefined)
    throw error
  }
  const commands = commandsOf(app)
  // `migrate status` before `migrate`.
  const [command] = commands
    .filter((candidate) => wordsOf(candidate).every((word, index) => words[index] === word))
    .sort((a, b) => wordsOf(b).length - wordsOf(a).length)
  if (command === undefined) throw unknownCommand(typed, commands)
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(renderAppCommandHelp(command))
    return 0
  }
  const { args, options } = parseAppOptions(command, words.slice(wordsOf(command).length), namesWith(commands))
  try {
    await app.configure()
    return (await command.run({ args, options, app, print: (text) => process.stdout.write(`${text}\n`) })) ?? 0
  } finally {
    await app.close()
  }
}

const wordsOf = (command: Command): readonly string[] => command.name.split(/[ :]/)
const namesWith = (commands: readonly Command[]): readonly string[] => [...Object.keys(registry), ...commands.map(({ name }) => name)]

/** Which package brings the commands that begin so. */
const broughtBy: Readonly<Record<string, string>> = {
  migrate: 'database',
  make: 'database',
  db: 'database',
  queue: 'queue',
  schedule: 'queue',
  key: 'auth',
  apikey: 'auth',
  audit: 'auth',
  webhook: 'webhooks',
}

/** @param commands of the application; undefined where there is none */
function unknownCommand(typed: readonly string[], commands: readonly Command[] | undefined): GluefulError {
  const [first = ''] = typed
  const names = namesWith(commands ?? [])
  const group = names.filter((name) => name.startsWith(`${first} `))
  if (typed.length === 1 && group.length > 0) return fail('COMMAND_UNKNOWN', { command: first, suggestion: undefined, hint: `There are: ${group.join(', ')}.` })
  const command = typed.slice(0, 2).join(' ')
  const extension = group.length === 0 ? broughtBy[first] : undefined
  const suggestion = suggest(command, names) ?? (group.length === 0 ? suggest(first, names) : undefined)
  return fail('COMMAND_UNKNOWN', { command, suggestion, hint: extension === undefined ? undefined : whoBrings(extension, commands !== undefined) })
}

function whoBrings(extension: string, appFound: boolean): string {
  const brings = `It comes with @glueful/${extension}, by ${extension}() among the extensions of the application`
  return appFound ? `${brings}.` : `${brings}, and there is no application here (${appFiles(undefined).join(', ')}; --app names another).`
}
