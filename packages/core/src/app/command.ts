import type { App } from '../app.ts'

/** What a command is told. */
export interface CommandInput {
  /** Positional arguments in order. */
  readonly args: readonly string[]
  /** `--name=value` as text, `--name` as true, `--no-name` as false. */
  readonly options: Readonly<Record<string, string | boolean>>
  /** The application, not booted. */
  readonly app: App
  readonly print: (text: string) => void
}

/** A command that an extension or an application adds to `glueful`. */
export interface Command {
  /** Words after `glueful`: `cars import`. A colon is accepted for the space. */
  readonly name: string
  readonly summary: string
  /** Shown by `--help`, name → text. */
  readonly options?: Readonly<Record<string, string>>
  /** Resolves to the exit code; undefined is 0. */
  readonly run: (input: CommandInput) => Promise<number | void>
}
