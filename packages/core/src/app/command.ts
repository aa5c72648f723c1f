import type { App } from '../app.ts'

/** What a command is told. */
export interface CommandInput {
  /** Positional arguments in order. */
  readonly args: readonly string[]
  /** `--name=value` as text, `--name` as true, `--no-name` as false; only options that the command declares. */
  readonly options: Readonly<Record<string, string | boolean>>
  /** The application, not booted. */
  readonly app: App
  readonly print: (text: string) => void
}

/** A word for an option that is there or not; a value, shown as `--steps=N`, for one that needs it. */
export type CommandOption = string | { readonly summary: string; readonly value: string }

/** A command that an extension or an application adds to `glueful`. */
export interface Command {
  /** Words after `glueful`: `cars import`. A colon is accepted for the space. */
  readonly name: string
  readonly summary: string
  /** Positional arguments as help shows them: `NAME`, `[FILE]`. */
  readonly arguments?: string
  /** Options by name; any other is refused. Every command has `--help`, `--app` and `--no-interaction` besides. */
  readonly options?: Readonly<Record<string, CommandOption>>
  /** Resolves to the exit code; undefined is 0. */
  readonly run: (input: CommandInput) => Promise<number | void>
}
