import type { Case } from '../case.ts'

/** Statements as TypeORM writes them. */
export const accepted: readonly Case[] = [
  [
    'find',
    'SELECT "Customer"."id" AS "Customer_id", "Customer"."name" AS "Customer_name" FROM "customers" "Customer" WHERE (("Customer"."tenant_id" = $1) AND ("Customer"."deleted_at" IS NULL)) ORDER BY "Customer"."id" ASC LIMIT 2',
    'acme',
  ],
  [
    'findOne with a relation',
    'SELECT DISTINCT "distinctAlias"."Order_id" AS "ids_Order_id" FROM (SELECT "Order"."id" AS "Order_id", "Order__Order_customer"."name" AS "customer_name" FROM "orders" "Order" LEFT JOIN "customers" "Order__Order_customer" ON "Order__Order_customer"."id"="Order"."customer_id" AND "Order__Order_customer"."tenant_id"="Order"."tenant_id" WHERE (("Order"."tenant_id" = $1) AND ("Order"."id" = $2))) "distinctAlias" ORDER BY "Order_id" ASC LIMIT 1',
    'acme',
    1,
  ],
  [
    'find with relations',
    'SELECT "o"."id" AS "o_id", "i"."line" AS "i_line", "p"."name" AS "p_name" FROM "orders" "o" LEFT JOIN "order_items" "i" ON "i"."order_id"="o"."id" LEFT JOIN "products" "p" ON "p"."id"="i"."product_id" AND "p"."tenant_id"="o"."tenant_id" WHERE "o"."tenant_id" = $1',
    'acme',
  ],
  [
    'findAndCount',
    'SELECT COUNT(DISTINCT("Customer"."id")) AS "cnt" FROM "customers" "Customer" WHERE (("Customer"."tenant_id" = $1))',
    'acme',
  ],
  [
    'exists',
    'SELECT 1 AS "row_exists" FROM (SELECT 1 AS dummy_column) "dummy_table" WHERE EXISTS (SELECT 1 FROM "customers" "Customer" WHERE (("Customer"."tenant_id" = $1)))',
    'acme',
  ],
  [
    'In',
    'SELECT "o"."id" AS "o_id" FROM "orders" "o" WHERE (("o"."tenant_id" = $1) AND ("o"."id" IN ($2, $3)))',
    'acme',
    1,
    2,
  ],
  [
    'Any',
    'SELECT "o"."id" AS "o_id" FROM "orders" "o" WHERE (("o"."tenant_id" = $1) AND ("o"."id" = ANY($2)))',
    'acme',
    [1, 2],
  ],
  [
    'Like and Between',
    'SELECT "c"."id" AS "c_id" FROM "customers" "c" WHERE (("c"."tenant_id" = $1) AND ("c"."name" ILIKE $2) AND ("c"."credit" BETWEEN $3 AND $4))',
    'acme',
    '%n%',
    1,
    20,
  ],
  [
    'array of wheres',
    'SELECT "c"."id" AS "c_id" FROM "customers" "c" WHERE ((("c"."tenant_id" = $1) AND ("c"."city" = $2)) OR (("c"."tenant_id" = $3) AND ("c"."credit" > $4)))',
    'acme',
    'Bern',
    'acme',
    5,
  ],
  [
    'insert',
    'INSERT INTO "customers"("id", "tenant_id", "name", "email", "created_at") VALUES ($1, $2, $3, DEFAULT, DEFAULT) RETURNING "created_at", "id"',
    51,
    'acme',
    'Dan',
  ],
  [
    'upsert',
    'INSERT INTO "counters"("tenant_id", "name", "n") VALUES ($1, $2, $3) ON CONFLICT ( "tenant_id", "name" ) DO UPDATE SET "n" = EXCLUDED."n" WHERE ("counters"."n" IS DISTINCT FROM EXCLUDED."n") RETURNING "n"',
    'acme',
    'hits',
    8,
  ],
  [
    'update',
    'UPDATE "customers" SET "name" = $1 WHERE "id" IN ($2) AND "tenant_id" = $3',
    'x',
    1,
    'acme',
  ],
  [
    'softDelete',
    'UPDATE "customers" SET "deleted_at" = CURRENT_TIMESTAMP WHERE ("tenant_id" = $1 AND "id" = $2)',
    'acme',
    1,
  ],
  ['delete', 'DELETE FROM "events_log" WHERE ("tenant_id" = $1 AND "kind" = $2)', 'acme', 'visit'],
  [
    'increment',
    'UPDATE "counters" SET "n" = n + 1 WHERE ("tenant_id" = $1 AND "name" = $2)',
    'acme',
    'hits',
  ],
  [
    'a tree by its path',
    `SELECT "c"."id" AS "c_id" FROM "categories" "c" WHERE "c"."tenant_id" = $1 AND "c"."path" LIKE (SELECT "k"."path" FROM "categories" "k" WHERE "k"."tenant_id" = $2 AND "k"."id" = $3) || '%'`,
    'acme',
    'acme',
    2,
  ],
  [
    'a lock',
    'SELECT "j"."id" AS "j_id" FROM "jobs" "j" WHERE (("j"."tenant_id" = $1)) ORDER BY "j"."id" ASC LIMIT 1 FOR UPDATE',
    'acme',
  ],
  [
    'a query builder with a group',
    'SELECT "o"."status" AS "status", SUM("o"."total") AS "sum" FROM "orders" "o" WHERE "o"."tenant_id" = $1 GROUP BY "o"."status" HAVING SUM("o"."total") > $2 ORDER BY "sum" DESC',
    'acme',
    5,
  ],
]
