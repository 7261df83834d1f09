import { type Handler, ok, type Planted } from '../handler.ts'

/**
 * The alerts are the tenant's, but an address can have an account with several tenants. Prisma joins
 * along relations only: this was written by hand.
 */
export const joinOneSide: Planted<Handler> = {
  leaking: async (prisma, { tenantKey, query: { email = '' } }) =>
    ok(
      await prisma.$queryRaw`
        select alert.id as "alertId", person.id as id, person.name as name
          from security_alerts as alert
          join users as person on person.email = alert.email
         where alert.tenant_id = ${tenantKey} and alert.email = ${email}
         order by alert.id, person.id
         limit 60`,
    ),
  mended: async (prisma, { tenantKey, query: { email = '' } }) =>
    ok(
      await prisma.$queryRaw`
        select alert.id as "alertId", person.id as id, person.name as name
          from security_alerts as alert
          join users as person
            on person.email = alert.email and person.tenant_id = alert.tenant_id
         where alert.tenant_id = ${tenantKey} and alert.email = ${email}
         order by alert.id, person.id
         limit 60`,
    ),
}
