import { defineTenantSchema, owner } from '@partywall/sql'
import type { OtherDatabase } from './databases.ts'

/** Settings with which sessions begin, and under which a text means something else. */
export const textSettings: readonly OtherDatabase[] = [
  {
    why: 'sessions of roles that read texts otherwise',
    change: `create role reads_otherwise login;
      alter role reads_otherwise set transform_null_equals = on;
      alter role reads_otherwise set standard_conforming_strings = off`,
    declared: defineTenantSchema({ books: owner('tenant_id', { model: 'Book' }) }),
    contradicts: `transform_null_equals is on, and x = NULL means x IS NULL; turn it off:
sessions of reads_otherwise in every database: ALTER ROLE "reads_otherwise" RESET transform_null_equals
standard_conforming_strings is off, and strings end elsewhere than they seem to; turn it on:
sessions of reads_otherwise in every database: ALTER ROLE "reads_otherwise" RESET standard_conforming_strings`,
  },
]
