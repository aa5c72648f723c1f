import { existsSync, readFileSync } from 'node:fs'
import { checkEnv } from 'glueful/settings'
import { appOption, jsonOption, type BuiltInCommand } from '../command-definition.ts'
import { loadApp } from '../load-app.ts'
import { declaredSettings, surroundingsOf } from '../app-environment.ts'

export const command: BuiltInCommand = {
  args: { ...appOption, ...jsonOption, example: { type: 'string', description: 'The example file (default: .env.example)', valueHint: 'FILE' } },
  run: async (args) => {
    const app = await loadApp(args['app'] as string | undefined)
    const file = (args['example'] as string | undefined) ?? '.env.example'
    const exampleText = existsSync(file) ? readFileSync(file, 'utf8') : undefined
    const surroundings = await surroundingsOf(app)
    const files = Object.fromEntries(
      ['.env', `.env.${surroundings.environment}`, '.env.local'].flatMap((name) => (existsSync(name) ? [[name, readFileSync(name, 'utf8')]] : [])),
    )
    const findings = checkEnv(declaredSettings(app), { exampleText, exampleFile: file, files, ...surroundings })
    if (args['json'] === true) process.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`)
    else if (exampleText === undefined)
      process.stdout.write(`There is no ${file}; glueful env sync writes it.\n${listOf(findings.filter(({ kind }) => kind !== 'missing-in-example'))}`)
    else if (findings.length === 0) process.stdout.write(`Settings, ${file} and the environment agree.\n`)
    else
      process.stdout.write(
        `${listOf(findings)}\n${findings.length} ${findings.length === 1 ? 'difference' : 'differences'}; glueful env sync writes ${file}.\n`,
      )
    return findings.length === 0 ? 0 : 1
  },
}

const listOf = (findings: ReturnType<typeof checkEnv>) => findings.map((finding) => `${finding.kind}: ${finding.message}\n`).join('')
