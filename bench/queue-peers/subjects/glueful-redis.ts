import { openGlueful } from './glueful.ts'
import type { Servers } from './subject.ts'

export const open = (servers: Servers) => openGlueful('redis', servers)
