import { PartywallError } from '@partywall/context'

/** Why `@partywall/prisma` refused. What the guard refuses is an error of `@partywall/sql`. */
export type PrismaGuardErrorCode =
  | 'prisma.adapter'
  | 'prisma.client'
  | 'prisma.options'
  | 'prisma.schema'
  | 'prisma.transaction'

/** An adapter, a client, options or a schema that were not taken, or a transaction that has ended. */
export class PrismaGuardError extends PartywallError<PrismaGuardErrorCode> {
  override readonly name = 'PrismaGuardError'
}
