import { service, type Service } from 'glueful'
import type { OpenDatabases } from './open-databases.ts'

/** All connections of the application, for the parts of this package. */
export const DatabasesService: Service<OpenDatabases> = service<OpenDatabases>('databases')
