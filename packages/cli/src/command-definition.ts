import type { ArgsDef } from 'citty'

/** Options that every command that looks at the application has. */
export const appOption = {
  app: { type: 'string', description: 'File of the application (default: app.ts, src/app.ts)', valueHint: 'FILE' },
} as const satisfies ArgsDef
export const jsonOption = { json: { type: 'boolean', description: 'Print JSON' } } as const satisfies ArgsDef

/** What a command of the command line itself is; those of applications are `Command` of `glueful`. */
export interface BuiltInCommand {
  readonly args: ArgsDef
  /** Resolves to the exit code. */
  readonly run: (args: Record<string, string | boolean | string[] | undefined> & { readonly _: readonly string[] }) => Promise<number>
}
