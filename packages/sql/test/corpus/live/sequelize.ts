import type { Case } from '../case.ts'

/** Statements as Sequelize writes them. */
export const accepted: readonly Case[] = [
  [
    'findAll with include',
    `SELECT "Customer"."id", "Customer"."name", "orders"."id" AS "orders.id", "orders"."total" AS "orders.total" FROM "customers" AS "Customer" LEFT OUTER JOIN "orders" AS "orders" ON "Customer"."id" = "orders"."customer_id" AND "orders"."tenant_id" = 'acme' WHERE "Customer"."tenant_id" = 'acme'`,
  ],
  [
    'findAndCountAll with a limit and include',
    `SELECT "Customer".*, "orders"."id" AS "orders.id" FROM (SELECT "Customer"."id", "Customer"."name" FROM "customers" AS "Customer" WHERE "Customer"."tenant_id" = 'acme' ORDER BY "Customer"."id" LIMIT 2) AS "Customer" LEFT OUTER JOIN "orders" AS "orders" ON "Customer"."id" = "orders"."customer_id" AND "orders"."tenant_id" = 'acme'`,
  ],
  [
    'a required include in a limit',
    `SELECT "c"."id" FROM "customers" AS "c" WHERE ("c"."tenant_id" = 'acme' AND ( SELECT "customer_id" FROM "orders" AS "o" WHERE ("o"."tenant_id" = 'acme' AND "o"."customer_id" = "c"."id") LIMIT 1 ) IS NOT NULL) LIMIT 2`,
  ],
  [
    'count',
    `SELECT count(*) AS "count" FROM "customers" AS "Customer" WHERE "Customer"."tenant_id" = 'acme'`,
  ],
  [
    'bulkCreate',
    `INSERT INTO "customers" ("id","tenant_id","name") VALUES (51,'acme','Dan'),(52,'acme','Eve') RETURNING "id","tenant_id","name"`,
  ],
  [
    'update',
    'UPDATE "customers" SET "name"=$1 WHERE "tenant_id" = $2 AND "id" = $3',
    'x',
    'acme',
    1,
  ],
  [
    'destroy',
    `DELETE FROM "events_log" WHERE "id" IN (SELECT "id" FROM "events_log" WHERE "tenant_id" = 'acme' LIMIT 1)`,
  ],
  [
    'Op.in with a literal query',
    `SELECT "id" FROM "customers" WHERE "tenant_id" = 'acme' AND "id" IN (SELECT customer_id FROM orders WHERE tenant_id = 'acme')`,
  ],
]
