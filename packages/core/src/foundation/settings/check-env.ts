import { suggest } from '../errors/suggest.ts'
import type { Settings } from './define-settings.ts'
import { declaredNames, exampleText, isExampleValue } from './env-example.ts'
import { parseDotenv } from './parse-dotenv.ts'
import { examineSettings, type SettingsSource } from './read-settings.ts'
import { describeFault, showValue } from './setting-fault.ts'

/** A difference between the declared settings, `.env.example` and the environment. */
export interface EnvFinding {
  readonly name: string
  readonly kind:
    | 'missing-in-example'
    | 'unknown-in-example'
    | 'unknown-in-file'
    | 'stale-default'
    | 'secret-in-example'
    | 'missing-in-environment'
    | 'invalid-in-environment'
  readonly message: string
}

export interface CheckEnvParts extends SettingsSource {
  /** Undefined when there is no such file. */
  readonly exampleText: string | undefined
  /** Its name, for messages. Default: `.env.example`. */
  readonly exampleFile?: string
  /** The texts of the files that the environment is read from, by their names. */
  readonly files?: Readonly<Record<string, string>>
}

/**
 * Compares settings, `.env.example` and an environment; an empty list means that they agree.
 * @throws `DOTENV_MALFORMED`, `SETTING_DECLARED_TWICE`
 */
export function checkEnv(definitions: readonly Settings[], { exampleFile: file = '.env.example', ...parts }: CheckEnvParts): readonly EnvFinding[] {
  const known = declaredNames(definitions)
  const example = new Map(Object.entries(parseDotenv(parts.exampleText ?? '', file)))
  const findings: EnvFinding[] = []
  for (const [name, setting] of known) {
    const value = example.get(name)
    if (value === undefined) findings.push({ name, kind: 'missing-in-example', message: `${name} is declared and not in ${file}` })
    else if (isExampleValue(setting, value)) continue
    else if (setting.secret) findings.push({ name, kind: 'secret-in-example', message: `${name} is a secret and has a value in ${file}` })
    else
      findings.push({
        name,
        kind: 'stale-default',
        message: `${name} is ${showValue(setting, value)} in ${file}, which should say ${JSON.stringify(exampleText(setting))}`,
      })
  }
  for (const name of example.keys()) {
    if (known.has(name)) continue
    const near = suggest(
      name,
      [...known.keys()].filter((candidate) => !example.has(candidate)),
    )
    findings.push({
      name,
      kind: 'unknown-in-example',
      message: `${name} is in ${file} and nothing reads it${near === undefined ? '' : ` – is it meant to be ${near}?`}`,
    })
  }
  for (const [name, text] of Object.entries(parts.files ?? {})) findings.push(...slipsIn(text, name, known))
  for (const fault of examineSettings(definitions, parts).faults) {
    findings.push({ name: fault.name, kind: fault.code === 'missing' ? 'missing-in-environment' : 'invalid-in-environment', message: describeFault(fault) })
  }
  return findings
}

/** Names that nothing reads and that are like one of a setting. Others may be there for other programs. */
function slipsIn(text: string, file: string, known: ReadonlyMap<string, unknown>): EnvFinding[] {
  return Object.keys(parseDotenv(text, file)).flatMap((name) => {
    if (known.has(name) || known.has(name.replace(/_FILE$/, ''))) return []
    const near = suggest(name, known.keys())
    return near === undefined
      ? []
      : [{ name, kind: 'unknown-in-file' as const, message: `${name} is in ${file} and nothing reads it – is it meant to be ${near}?` }]
  })
}
