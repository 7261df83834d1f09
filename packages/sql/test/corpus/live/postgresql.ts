import type { Case, Refused } from '../case.ts'

/** What people write by hand, and the documentation of PostgreSQL shows. */
export const accepted: readonly Case[] = [
  [
    'two recursive trees',
    'with recursive a as (select id, tenant_id from categories where tenant_id = $1 and parent_id is null union all select c.id, c.tenant_id from categories c join a on c.parent_id = a.id and c.tenant_id = a.tenant_id), b as (select id, tenant_id from categories where tenant_id = $1 union select c.id, c.tenant_id from categories c join b on c.parent_id = b.id and c.tenant_id = b.tenant_id) select a.id, b.id from a, b',
    'acme',
  ],
  [
    'a filter above a recursive tree whose steps keep the owner',
    'with recursive t as (select id, tenant_id, parent_id from categories where parent_id is null union all select c.id, c.tenant_id, c.parent_id from categories c join t on c.parent_id = t.id and c.tenant_id = t.tenant_id) select id from t where tenant_id = $1',
    'acme',
  ],
  [
    'the same, with the owner carried along',
    'with recursive t (n, o) as (select id, tenant_id from categories where parent_id is null union select c.id, t.o from t join categories c on c.parent_id = t.n and c.tenant_id = t.o) select n from t where o = $1',
    'acme',
  ],
  [
    'an upsert that tells what it did',
    `insert into counters (tenant_id, name, n) values ($1, 'x', 1) on conflict (tenant_id, name) do update set n = counters.n + 1 returning n, (xmax = 0) as inserted`,
    'acme',
  ],
  [
    'an upsert that tells what it met, by the name of its table',
    `insert into counters as c (tenant_id, name, n) values ($1, 'hits', 1) on conflict (tenant_id, name) do update set n = c.n + 1 returning case when c.xmax <> 0 then 'met' else 'made' end`,
    'acme',
  ],
  [
    'arguments by their names',
    `select id, make_interval(days => $2::int, hours => id) from books where tenant_id = $1`,
    'acme',
    3,
  ],
  [
    'a search with the words of a language',
    `select title, ts_rank(to_tsvector('english'::regconfig, title), q) from books, tsquery_phrase(to_tsquery('english'::regconfig, $2), !!to_tsquery('two')) q where tenant_id = $1 and to_tsvector('english'::regconfig, title) @@@ q`,
    'acme',
    'one',
  ],
  [
    'shapes',
    `select title from books where tenant_id = $1 and point(id, 2) >^ point(id, 1) and area(circle(point(id, 0), 2)) > 1 and box(point(0, 0), point(5, 5)) |&> box(point(0, 0), point(1, 1)) order by point(id, 0) <-> point(1, 1)`,
    'acme',
  ],
  [
    'a tree of JSON',
    `select json_build_object('id', c.id, 'orders', (select json_agg(json_build_object('id', o.id, 'items', (select json_agg(row_to_json(i)) from order_items i where i.order_id = o.id))) from orders o where o.tenant_id = c.tenant_id and o.customer_id = c.id)) from customers c where c.tenant_id = $1`,
    'acme',
  ],
  [
    'a page of keys with its rows',
    'select o.*, c.name from (select id from orders where tenant_id = $1 order by placed_at desc limit 2) k join orders o using (id) join customers c on c.id = o.customer_id and c.tenant_id = o.tenant_id',
    'acme',
  ],
  [
    'ROLLUP',
    'select city, count(*), sum(credit) from customers where tenant_id = $1 group by rollup (city) order by city nulls last',
    'acme',
  ],
  [
    'CUBE with GROUPING',
    'select status, customer_id, grouping(status, customer_id) as level, sum(total) from orders where tenant_id = $1 group by cube (status, customer_id)',
    'acme',
  ],
  [
    'GROUPING SETS',
    'select status, customer_id, count(*) from orders where tenant_id = $1 group by grouping sets ((status), (customer_id), ())',
    'acme',
  ],
  [
    'a running total',
    'select id, sum(total) over (order by placed_at rows between unbounded preceding and current row) from orders where tenant_id = $1',
    'acme',
  ],
  [
    'a moving average',
    'select id, avg(total) over (partition by customer_id order by placed_at rows 2 preceding exclude current row) from orders where tenant_id = $1',
    'acme',
  ],
  [
    'the row before and after',
    'select id, lag(total, 1, 0) over w, lead(total) over w, first_value(id) over w from orders where tenant_id = $1 window w as (partition by customer_id order by placed_at)',
    'acme',
  ],
  [
    'rank within groups, the first of each',
    'select * from (select id, customer_id, rank() over (partition by customer_id order by total desc) as pos from orders where tenant_id = $1) ss where pos < 2',
    'acme',
  ],
  [
    'a window of the owner, filtered above',
    'select * from (select tenant_id, id, row_number() over (partition by tenant_id, customer_id order by total desc) as pos from orders) ss where tenant_id = $1 and pos = 1',
    'acme',
  ],
  [
    'the latest row of each',
    'select distinct on (customer_id) customer_id, id, total from orders where tenant_id = $1 order by customer_id, placed_at desc',
    'acme',
  ],
  [
    'the top two of each',
    'select c.id, o.id, o.total from customers c cross join lateral (select id, total from orders where tenant_id = c.tenant_id and customer_id = c.id order by total desc, id limit 2) o where c.tenant_id = $1',
    'acme',
  ],
  [
    'a histogram',
    'select width_bucket(total, 0, 50, 5) as bucket, count(*) from orders where tenant_id = $1 group by bucket order by bucket',
    'acme',
  ],
  [
    'days without events',
    `select d::date, count(e.id) from generate_series('2026-01-01'::date, '2026-01-04'::date, interval '1 day') d left join events_log e on e.tenant_id = $1 and e.at >= d and e.at < d + interval '1 day' group by d order by d`,
    'acme',
  ],
  [
    'counts per month',
    `select date_trunc('month', placed_at) as month, count(*), sum(total) filter (where status = 'paid') from orders where tenant_id = $1 group by 1 order by 1`,
    'acme',
  ],
  [
    'percentiles and mode',
    'select percentile_cont(array[0.5, 0.9]) within group (order by total), mode() within group (order by status) from orders where tenant_id = $1',
    'acme',
  ],
  [
    'a hypothetical rank',
    'select rank(15) within group (order by total desc) from orders where tenant_id = $1',
    'acme',
  ],
  [
    'lists of strings',
    `select customer_id, string_agg(status, ', ' order by id), array_agg(distinct status) from orders where tenant_id = $1 group by customer_id`,
    'acme',
  ],
  [
    'pivot by FILTER',
    `select customer_id, count(*) filter (where status = 'open') as open, count(*) filter (where status = 'paid') as paid from orders where tenant_id = $1 group by customer_id`,
    'acme',
  ],
  [
    'a tree downwards',
    'with recursive included (sub_part, part) as (select id, parent_id from categories where tenant_id = $1 and id = 1 union all select c.id, c.parent_id from included i, categories c where c.parent_id = i.sub_part and c.tenant_id = $1) select sub_part from included',
    'acme',
  ],
  [
    'a tree upwards, with its path',
    'with recursive up as (select id, tenant_id, parent_id, array[id] as path from categories where tenant_id = $1 and id = 3 union all select c.id, c.tenant_id, c.parent_id, up.path || c.id from categories c join up on c.id = up.parent_id and c.tenant_id = up.tenant_id) select id, path from up',
    'acme',
  ],
  [
    'a tree that watches for circles',
    'with recursive t as (select id, tenant_id, parent_id, array[id] as path, false as cycle from categories where tenant_id = $1 union all select c.id, c.tenant_id, c.parent_id, t.path || c.id, c.id = any(t.path) from categories c join t on c.parent_id = t.id and c.tenant_id = t.tenant_id where not t.cycle) select count(*) from t',
    'acme',
  ],
  [
    'a tree in depth first order',
    'with recursive t as (select id, tenant_id, parent_id from categories where tenant_id = $1 and parent_id is null union all select c.id, c.tenant_id, c.parent_id from categories c join t on c.parent_id = t.id and c.tenant_id = t.tenant_id) search depth first by id set ordercol select id from t order by ordercol',
    'acme',
  ],
  [
    'a tree joined with its products',
    'with recursive t (id, tenant_id) as (select id, tenant_id from categories where tenant_id = $1 and parent_id is null union all select c.id, c.tenant_id from categories c join t on c.parent_id = t.id and c.tenant_id = t.tenant_id) select p.id, t.id from t join products p on p.category_id = t.id and p.tenant_id = t.tenant_id',
    'acme',
  ],
  [
    'a move to the archive',
    `with moved as (delete from orders where tenant_id = $1 and status = 'none' returning id, tenant_id, customer_id, status, total, placed_at) insert into archived_orders (id, tenant_id, customer_id, status, total, placed_at) select id, tenant_id, customer_id, status, total, placed_at from moved`,
    'acme',
  ],
  [
    'a move to the archive with a star',
    'with moved as (delete from events_log where tenant_id = $1 returning *) select count(*), sum(amount) from moved',
    'acme',
  ],
  [
    'an insert and its children',
    `with o as (insert into orders (id, tenant_id, customer_id, placed_at) values (51, $1, 1, '2026-06-01') returning id) insert into order_items (order_id, line, product_id, quantity, price) select o.id, v.line, v.product, 1, 2 from o cross join (values (1, 1), (2, 2)) as v (line, product) returning order_id, line`,
    'acme',
  ],
  [
    'an update and what it was',
    `with old as (select id, status from orders where tenant_id = $1 for update), new as (update orders set status = 'done' where tenant_id = $1 returning id) select old.status, new.id from old join new using (id)`,
    'acme',
  ],
  [
    'an upsert of many by unnest',
    'insert into counters (tenant_id, name, n) select $1, name, n from unnest($2::text[], $3::int[]) as u (name, n) on conflict (tenant_id, name) do update set n = excluded.n',
    'acme',
    ['hits', 'misses'],
    [5, 6],
  ],
  [
    'rows by unnest',
    `insert into events_log (id, tenant_id, kind, at) select i, $1, 'x', '2026-06-01' from unnest($2::bigint[]) as i`,
    'acme',
    ['51', '52'],
  ],
  [
    'rows by unnest beside columns',
    'insert into customers (id, tenant_id, name) select u.id, $1, u.name from unnest($2::int[], $3::text[]) with ordinality as u (id, name, n) order by n',
    'acme',
    [51, 52],
    ['a', 'b'],
  ],
  [
    'rows from JSON',
    'insert into customers (id, tenant_id, name) select x.id, $1, x.name from jsonb_to_recordset($2::jsonb) as x (id int, name text)',
    'acme',
    '[{"id": 51, "name": "Dan"}]',
  ],
  [
    'an update of many by VALUES',
    'update products as p set price = v.price, stock = p.stock - v.n from (values (1, 3.5, 1), (2, 4, 0)) as v (id, price, n) where p.id = v.id and p.tenant_id = $1 returning p.id, p.price',
    'acme',
  ],
  [
    'an update of many by unnest',
    'update products p set stock = u.stock from unnest($2::int[], $3::int[]) as u (id, stock) where p.tenant_id = $1 and p.id = u.id',
    'acme',
    [1, 2],
    [7, 8],
  ],
  [
    'a total that is computed from children',
    'update orders o set total = (select coalesce(sum(quantity * price), 0) from order_items i where i.order_id = o.id) where o.tenant_id = $1 returning id, total',
    'acme',
  ],
  [
    'a total from a group',
    'update orders set total = s.sum from (select i.order_id, sum(i.quantity * i.price) as sum from order_items i join orders o on o.id = i.order_id where o.tenant_id = $1 group by i.order_id) s where s.order_id = orders.id and orders.tenant_id = $1',
    'acme',
  ],
  [
    'duplicates removed',
    'delete from events_log a using events_log b where a.tenant_id = $1 and b.tenant_id = $1 and a.id > b.id and a.kind = b.kind and a.at = b.at',
    'acme',
  ],
  [
    'rows without children removed',
    'delete from customers c where c.tenant_id = $1 and not exists (select 1 from orders o where o.tenant_id = c.tenant_id and o.customer_id = c.id) returning c.id',
    'acme',
  ],
  [
    'a batch removed',
    'delete from events_log where id in (select id from events_log where tenant_id = $1 and at < $2 order by id limit 2)',
    'acme',
    '2026-01-02',
  ],
  [
    'the pop of a queue',
    `update jobs set state = 'running', attempts = attempts + 1, locked_by = $2 where id = (select id from jobs where tenant_id = $1 and state = 'ready' order by run_at, id for update skip locked limit 1) returning id, payload`,
    'acme',
    'w2',
  ],
  [
    'the pop of a queue by WITH',
    `with next as (select id from jobs where tenant_id = $1 and state = 'ready' order by id limit 1 for update skip locked) update jobs set state = 'running' from next where jobs.id = next.id returning jobs.id`,
    'acme',
  ],
  [
    'the pop of a queue by DELETE',
    'delete from jobs where id in (select id from jobs where tenant_id = $1 order by id for update skip locked limit 1) returning *',
    'acme',
  ],
  [
    'optimistic locking',
    'update customers set name = $3, credit = credit + 1 where tenant_id = $1 and id = $2 and credit = $4 returning credit',
    'acme',
    1,
    'x',
    10,
  ],
  [
    'a full text search',
    `select id, ts_rank(to_tsvector('simple', coalesce(name, '')), q) from products, plainto_tsquery('simple', $2) q where tenant_id = $1 and to_tsvector('simple', coalesce(name, '')) @@ q`,
    'acme',
    'ink',
  ],
  [
    'JSON conditions',
    `select id, attributes ->> 'size', attributes #>> '{n}', attributes ? 'n' from products where tenant_id = $1 and attributes @> '{"size": "M"}' and (attributes ->> 'n')::int > 1`,
    'acme',
  ],
  [
    'JSON path',
    `select id, jsonb_path_query_first(attributes, '$.size') from products where tenant_id = $1 and attributes @? '$.n ? (@ > 2)'`,
    'acme',
  ],
  [
    'keys of JSON',
    'select distinct k from products p, jsonb_object_keys(p.attributes) as k where p.tenant_id = $1 order by k',
    'acme',
  ],
  [
    'a change within JSON',
    `update products set attributes = attributes || jsonb_build_object('seen', true) - 'n' where tenant_id = $1 returning id, attributes`,
    'acme',
  ],
  [
    'arrays',
    `select id, tags[1], array_length(tags, 1), tags || '{x}', 'new' = any(tags) from products where tenant_id = $1 and tags && array['new', 'old']`,
    'acme',
  ],
  [
    'elements of arrays',
    'select p.id, t.tag, t.n from products p cross join unnest(p.tags) with ordinality as t (tag, n) where p.tenant_id = $1',
    'acme',
  ],
  [
    'counts of elements',
    'select tag, count(*) from products, unnest(tags) as tag where tenant_id = $1 group by tag having count(*) >= 1',
    'acme',
  ],
  [
    'EXISTS of elements',
    `select id from products p where tenant_id = $1 and exists (select 1 from unnest(p.tags) t where t like 'n%')`,
    'acme',
  ],
  [
    'dates',
    `select id, age(placed_at), extract(dow from placed_at), to_char(placed_at, 'YYYY-MM'), placed_at at time zone 'Europe/Zurich' from orders where tenant_id = $1 and placed_at between '2026-04-01' and timestamp '2026-05-30'`,
    'acme',
  ],
  [
    'strings',
    `select upper(name), left(email, 3), split_part(email, '@', 2), regexp_replace(name, 'n+', 'N'), format('%s <%s>', name, email), name || ' ' || coalesce(city, '?') from customers where tenant_id = $1 and email ~* '^[a-c]'`,
    'acme',
  ],
  [
    'casts',
    `select id::text, total::int, '5'::int + 1, cast(status as varchar(2)), (total * 100)::bigint from orders where tenant_id = $1`,
    'acme',
  ],
  [
    'a self join',
    'select a.id, b.id from customers a join customers b on b.tenant_id = a.tenant_id and b.id > a.id where a.tenant_id = $1',
    'acme',
  ],
  [
    'a full join of two months',
    `select coalesce(a.customer_id, b.customer_id), a.n, b.n from (select customer_id, count(*) as n from orders where tenant_id = $1 and placed_at < '2026-05-01' group by 1) a full join (select customer_id, count(*) as n from orders where tenant_id = $1 and placed_at >= '2026-05-01' group by 1) b on a.customer_id = b.customer_id`,
    'acme',
  ],
  [
    'customers without orders',
    'select c.id from customers c left join orders o on o.customer_id = c.id and o.tenant_id = c.tenant_id where c.tenant_id = $1 and o.id is null',
    'acme',
  ],
  [
    'customers who bought all',
    'select c.id from customers c where c.tenant_id = $1 and not exists (select 1 from products p where p.tenant_id = $1 and not exists (select 1 from orders o join order_items i on i.order_id = o.id where o.tenant_id = $1 and o.customer_id = c.id and i.product_id = p.id))',
    'acme',
  ],
  [
    'greatest of a group by a join',
    'select o.id from orders o join (select customer_id, max(placed_at) as last from orders where tenant_id = $1 group by customer_id) m on m.customer_id = o.customer_id and m.last = o.placed_at where o.tenant_id = $1',
    'acme',
  ],
  [
    'above the average',
    'select id from orders where tenant_id = $1 and total > (select avg(total) from orders where tenant_id = $1)',
    'acme',
  ],
  [
    'ALL and ANY of a query',
    'select id from orders where tenant_id = $1 and total >= all (select total from orders where tenant_id = $1) or tenant_id = $1 and total < any (select price from products where tenant_id = $1)',
    'acme',
  ],
  [
    'a row compared with a query',
    'select id from orders where tenant_id = $1 and (customer_id, total) = (select customer_id, max(total) from orders where tenant_id = $1 group by customer_id order by 2 desc limit 1)',
    'acme',
  ],
  [
    'a page with its total',
    'select id, count(*) over () as full_count from orders where tenant_id = $1 order by id limit 2 offset 1',
    'acme',
  ],
  [
    'keyset paging backwards',
    'select * from (select id, placed_at from orders where tenant_id = $1 and (placed_at, id) < ($2, $3) order by placed_at desc, id desc limit 2) x order by placed_at, id',
    'acme',
    '2026-05-01',
    3,
  ],
  [
    'FETCH FIRST WITH TIES',
    'select id, kind from events_log where tenant_id = $1 order by kind fetch first 1 row with ties',
    'acme',
  ],
  [
    'EXCEPT and INTERSECT',
    '(select customer_id from orders where tenant_id = $1 intersect select id from customers where tenant_id = $1) except select customer_id from archived_orders where tenant_id = $1',
    'acme',
  ],
  [
    'a union in IN',
    'select name from customers where tenant_id = $1 and id in (select customer_id from orders where tenant_id = $1 union all select customer_id from archived_orders where tenant_id = $1)',
    'acme',
  ],
  [
    'VALUES as a table',
    `select v.label, count(o.id) from (values ('open', 'waiting'), ('paid', 'done')) as v (status, label) left join orders o on o.status = v.status and o.tenant_id = $1 group by v.label`,
    'acme',
  ],
  [
    'TABLE of a query of WITH',
    'with mine as (select id, total from orders where tenant_id = $1) table mine',
    'acme',
  ],
  [
    'several queries of WITH',
    'with o as (select * from orders where tenant_id = $1), c as (select customer_id, sum(total) as t from o group by customer_id), top as (select max(t) as best from c) select c.customer_id from c, top where c.t = top.best',
    'acme',
  ],
  [
    'INSERT of a computed row',
    `insert into orders (id, tenant_id, customer_id, total, placed_at) select 51, c.tenant_id, c.id, (select coalesce(sum(price), 0) from products where tenant_id = c.tenant_id), '2026-06-01' from customers c where c.tenant_id = $1 and c.id = 1 returning id, total`,
    'acme',
  ],
  [
    'INSERT … SELECT of a copy',
    `insert into products (id, tenant_id, sku, name, price) select id + 50, tenant_id, sku || '-copy', name, price from products where tenant_id = $1`,
    'acme',
  ],
  [
    'INSERT where it is missing',
    `insert into categories (id, tenant_id, name) select 51, $1, 'new' where not exists (select 1 from categories where tenant_id = $1 and name = 'new') returning id`,
    'acme',
  ],
  [
    'COALESCE of scalar queries',
    `select coalesce((select name from customers where tenant_id = $1 and id = 99), (select name from customers where tenant_id = $1 and id = 1), 'nobody')`,
    'acme',
  ],
  [
    'CASE with queries',
    `select id, case when exists (select 1 from orders o where o.tenant_id = c.tenant_id and o.customer_id = c.id) then 'buyer' else 'visitor' end from customers c where c.tenant_id = $1`,
    'acme',
  ],
  [
    'ORDER BY CASE',
    `select id from orders where tenant_id = $1 order by case status when 'open' then 0 else 1 end, id`,
    'acme',
  ],
  [
    'NULLS LAST and COLLATE',
    'select id from customers where tenant_id = $1 order by city collate "C" nulls last, lower(name) desc',
    'acme',
  ],
  [
    'currencies of the world',
    `select o.id, o.total * c.rate from orders o cross join currencies c where o.tenant_id = $1 and c.code = 'EUR'`,
    'acme',
  ],
  [
    'shared and own plans',
    'select id, name from plans where tenant_id is null or tenant_id = $1 order by price',
    'acme',
  ],
  [
    'own plans before shared ones',
    'select distinct on (name) name, price from plans where tenant_id = $1 or tenant_id is null order by name, tenant_id nulls last',
    'acme',
  ],
  [
    'a materialized query of WITH',
    'with o as materialized (select id, customer_id from orders where tenant_id = $1), c as not materialized (select id from customers where tenant_id = $1) select count(*) from o join c on c.id = o.customer_id',
    'acme',
  ],
  [
    'MERGE of a feed',
    `merge into products p using (values ('p1', 9.5), ('p9', 1)) as f (sku, price) on p.tenant_id = $1 and p.sku = f.sku when matched then update set price = f.price when not matched then insert (id, tenant_id, sku, price) values (59, $1, f.sku, f.price)`,
    'acme',
  ],
  [
    'MERGE that removes',
    'merge into products p using (select product_id, sum(quantity) as n from order_items i join orders o on o.id = i.order_id where o.tenant_id = $1 group by product_id) s on p.tenant_id = $1 and p.id = s.product_id when matched and p.stock < s.n then update set stock = 0 when matched then do nothing',
    'acme',
  ],
  [
    'several rows in one IN',
    'select id from products where tenant_id = $1 and (category_id, stock) in ((2, 7), (3, 0))',
    'acme',
  ],
  [
    'BETWEEN SYMMETRIC and IS DISTINCT FROM',
    `select id from products where tenant_id = $1 and price between symmetric 5 and 1 and name is distinct from 'x'`,
    'acme',
  ],
  [
    'two tenants’ worth of parameters',
    'select o.id from orders o, customers c where o.tenant_id = $1 and c.tenant_id = $2 and c.id = o.customer_id',
    'acme',
    'acme',
  ],
  [
    'gaps in numbers',
    'select g from generate_series(1, 5) g where not exists (select 1 from orders where tenant_id = $1 and id = g)',
    'acme',
  ],
  [
    'a bulk existence check',
    'select x.id, exists (select 1 from customers c where c.tenant_id = $1 and c.id = x.id) from unnest($2::int[]) as x (id)',
    'acme',
    [1, 11],
  ],
  [
    'a jsonb aggregate of rows',
    `select jsonb_object_agg(sku, to_jsonb(p) - 'attributes') from products p where tenant_id = $1`,
    'acme',
  ],
  [
    'xmlless export',
    `select string_agg(concat_ws(',', id, name, email), E'\\n' order by id) from customers where tenant_id = $1`,
    'acme',
  ],
  [
    'session facts',
    'select current_user, current_date, localtimestamp, version() is not null, current_database()',
  ],
  ['a literal tenant', `select id from orders where tenant_id = 'acme' and status <> 'paid'`],
  [
    'a literal tenant with its type',
    `select id from orders where tenant_id = 'acme'::text and status <> 'paid'`,
  ],
  [
    'LIMIT by a parameter with a cast',
    'select id from orders where tenant_id = $1 order by id limit $2::int',
    'acme',
    1,
  ],
  [
    'null-safe search of optional filters',
    'select id from customers where tenant_id = $1 and ($2::text is null or city = $2) order by id',
    'acme',
    null,
  ],
  [
    'an optional list',
    'select id from customers where tenant_id = $1 and (cardinality($2::int[]) = 0 or id = any($2)) order by id',
    'acme',
    [],
  ],
  [
    'a function of rows in the select list',
    'select id, unnest(tags) from products where tenant_id = $1',
    'acme',
  ],
  [
    'ROWS FROM',
    'select * from rows from (generate_series(1, 2), unnest($2::text[])) as r (n, t), orders o where o.tenant_id = $1 and o.id = r.n',
    'acme',
    ['a', 'b'],
  ],
  [
    'overlapping times',
    `select a.id from orders a join orders b on a.tenant_id = b.tenant_id and a.id < b.id and (a.placed_at, interval '3 days') overlaps (b.placed_at, interval '1 day') where a.tenant_id = $1`,
    'acme',
  ],
  [
    'old and new values',
    'update counters set n = n + 1 where tenant_id = $1 returning old.n, new.n',
    'acme',
  ],
  [
    'a deletion with what else is there',
    `delete from order_items i using orders o where o.id = i.order_id and o.tenant_id = $1 and o.status = 'open' returning i.order_id, i.line`,
    'acme',
  ],
  [
    'children by a join in UPDATE',
    'update order_items set price = p.price from orders o, products p where o.id = order_items.order_id and o.tenant_id = $1 and p.id = order_items.product_id and p.tenant_id = $1',
    'acme',
  ],
  [
    'children counted per parent',
    'select o.id, count(i.line), coalesce(sum(i.quantity * i.price), 0) from orders o left join order_items i on i.order_id = o.id where o.tenant_id = $1 group by o.id',
    'acme',
  ],
  [
    'children inserted for a parent by a scalar query',
    'insert into order_items (order_id, line, product_id, quantity, price) values ((select id from orders where tenant_id = $1 and id = 1), 9, 1, 1, 1)',
    'acme',
  ],
]

export const refused: readonly Refused[] = [
  [
    'who has locked a row that was met',
    '(unknown) unsupported',
    `insert into counters (tenant_id, name, n) values ($1, 'hits', 1) on conflict (tenant_id, name) do update set n = 2 where counters.xmax = 0`,
    'acme',
  ],
  [
    'the number of a transaction',
    '(unknown) unsupported',
    `insert into counters (tenant_id, name, n) values ($1, 'x', 1) returning xmax`,
    'acme',
  ],
  [
    'the number of a transaction, compared',
    '(unknown) unsupported',
    `insert into counters (tenant_id, name, n) values ($1, 'x', 1) returning xmax = 7`,
    'acme',
  ],
  [
    'another column of the system, compared',
    '(unknown) unsupported',
    `insert into counters (tenant_id, name, n) values ($1, 'x', 1) returning cmin = 0`,
    'acme',
  ],
  [
    'what was there before',
    '(unknown) unsupported',
    `insert into counters (tenant_id, name, n) values ($1, 'hits', 1) on conflict (tenant_id, name) do update set n = 2 returning old.xmax = 0`,
    'acme',
  ],
  [
    'who has locked a row that is changed',
    '(unknown) unsupported',
    'update counters set n = 2 where tenant_id = $1 returning xmax = 0',
    'acme',
  ],
  [
    'who has locked a row',
    '(unknown) unsupported',
    'select xmax = 0 from counters where tenant_id = $1',
    'acme',
  ],
  [
    'who has locked a row, asked in RETURNING',
    '(unknown) unsupported',
    `insert into counters (tenant_id, name, n) values ($1, 'x', 1) returning (select bool_or(c.xmax = 0) from counters c where c.tenant_id = $1)`,
    'acme',
  ],
  [
    'who has locked a row that is inserted anew',
    '(unknown) unsupported',
    `insert into counters (tenant_id, name, n) select tenant_id, name || 'x', (xmax = 0)::int from counters where tenant_id = $1`,
    'acme',
  ],
  [
    'an open query as an argument by its name',
    'Book',
    'select make_interval(days => (select count(*)::int from books))',
  ],
]
