import { fail } from '../errors/catalog.ts'
import type { RequestScope } from './container.ts'
