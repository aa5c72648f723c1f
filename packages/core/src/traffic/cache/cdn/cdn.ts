import { service, type Service } from '../../../foundation/services/service.ts'

/** Header pairs by which a CDN learns an answer's tags. */
export type EdgeHeaders = (tags: readonly string[]) => readonly string[]

/** A content delivery network in front of the application that keeps answers by their tags. */
export interface Cdn {
  readonly name: string
  readonly headers: EdgeHeaders
  /** Removes all answers with one of the tags; in as few calls as the network allows. */
  purge(tags: readonly string[]): Promise<void>
}

/** Provided where CDN_PROVIDER is set, or by the application for another network. */
export const Cdn: Service<Cdn> = service<Cdn>('cdn')
