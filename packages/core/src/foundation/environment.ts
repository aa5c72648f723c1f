/** What the process runs for. Decides defaults: detail in errors, pretty logs, refusal of unsafe settings. */
export type Environment = 'development' | 'test' | 'production'
