/** Reads the live schema where a change needs to know what is there. */
export type ReadRows = (text: string, params?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>
