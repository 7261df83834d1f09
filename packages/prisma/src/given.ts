import { type Checks, createChecks } from '@partywall/sql/door'
import { PrismaGuardError, type PrismaGuardErrorCode } from './prisma-guard-error.ts'

export const inOptions: Checks = checksOf('prisma.options')
/** Adapters, before they are guarded. */
export const inAdapter: Checks = checksOf('prisma.adapter')
/** Clients, before they are extended. */
export const inClient: Checks = checksOf('prisma.client')

function checksOf(code: PrismaGuardErrorCode): Checks {
  return createChecks((message) => new PrismaGuardError(code, message))
}
