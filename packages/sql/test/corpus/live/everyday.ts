import type { Case } from '../case.ts'

/** What shops ask of their tables, day by day. */
export const accepted: readonly Case[] = [
  [
    'the next number of a counter',
    `insert into counters (tenant_id, name, n) select $1, 'next', coalesce(max(n), 0) + 1 from counters where tenant_id = $1`,
    'acme',
  ],
  [
    'how many there are, written down where there are some',
    `insert into counters (tenant_id, name, n) select 'acme', 'orders', count(*) from orders where tenant_id = $1 having count(*) > 0`,
    'acme',
  ],
  [
    'an ordinary union beside a recursive query',
    `with recursive t as (select id, tenant_id from categories where tenant_id = $1 and parent_id is null union all select c.id, c.tenant_id from categories c join t on c.parent_id = t.id and c.tenant_id = t.tenant_id),
       r as (select id from orders where tenant_id = $1 union all select id from jobs where tenant_id = $1 order by id limit 5)
     select t.id, r.id from t, r`,
    'acme',
  ],
  [
    'what customers spend, the best first',
    'select c.name, count(o.id) as orders, coalesce(sum(o.total), 0) as spent from customers c left join orders o on o.tenant_id = c.tenant_id and o.customer_id = c.id where c.tenant_id = $1 group by c.id, c.name having count(o.id) > 0 order by spent desc, c.name limit 10',
    'acme',
  ],
  [
    'products by price, in ranks',
    'select p.sku, p.stock, rank() over (order by p.price desc) from products p where p.tenant_id = $1 and p.price between $2 and $3',
    'acme',
    1,
    10,
  ],
  [
    'a month beside the month before',
    `with monthly as (select date_trunc('month', placed_at) as month, sum(total) as total from orders where tenant_id = $1 group by 1) select month, total, total - lag(total) over (order by month) as change from monthly order by month`,
    'acme',
  ],
  [
    'orders with their lines as JSON',
    `select o.id, (select json_agg(json_build_object('line', i.line, 'quantity', i.quantity) order by i.line) from order_items i where i.order_id = o.id) as items from orders o where o.tenant_id = $1 and o.status = any($2)`,
    'acme',
    ['paid', 'open'],
  ],
  [
    'totals from lines',
    'update orders o set total = s.sum from (select i.order_id, sum(i.quantity * i.price) as sum from order_items i join orders x on x.id = i.order_id where x.tenant_id = $1 group by i.order_id) s where o.tenant_id = $1 and o.id = s.order_id returning o.id, o.total',
    'acme',
  ],
  [
    'jobs made of orders',
    `insert into jobs (id, tenant_id, queue, payload) select 100 + o.id, o.tenant_id, 'ship', jsonb_build_object('order', o.id) from orders o where o.tenant_id = $1 and o.status = 'paid' returning id, payload`,
    'acme',
  ],
  [
    'the last order of each customer',
    'select distinct on (o.customer_id) o.customer_id, o.id, o.placed_at from orders o where o.tenant_id = $1 order by o.customer_id, o.placed_at desc',
    'acme',
  ],
  [
    'counts of the big ones, with a total',
    'select e.kind, count(*) filter (where e.amount > 1) as big, avg(e.amount) from events_log e where e.tenant_id = $1 and e.at >= $2 group by rollup (e.kind)',
    'acme',
    '2026-01-01',
  ],
  [
    'tags as rows',
    'select p.name, t.tag from products p cross join lateral unnest(p.tags) as t (tag) where p.tenant_id = $1',
    'acme',
  ],
  [
    'customers without orders',
    'select c.id, c.name from customers c where c.tenant_id = $1 and not exists (select 1 from orders o where o.tenant_id = c.tenant_id and o.customer_id = c.id) order by c.id',
    'acme',
  ],
  [
    'the next page by two columns',
    'select name, email from customers where tenant_id = $1 and (name, id) > ($2, $3) order by name, id limit 2',
    'acme',
    'Ann',
    1,
  ],
  [
    'old jobs that are done',
    `delete from jobs where tenant_id = $1 and state = 'done' and run_at < now() - interval '1 day' returning id`,
    'acme',
  ],
  [
    'the next job of a queue, by its key',
    `update jobs set state = 'running', locked_by = $2, attempts = attempts + 1 where tenant_id = $1 and id = (select id from jobs where tenant_id = $1 and state = 'ready' order by run_at limit 1 for update skip locked) returning id, queue`,
    'acme',
    'w2',
  ],
  [
    'members with their names',
    'select m.role, p.name from members m join people p on p.id = m.person_id where m.tenant_id = $1 order by p.name',
    'acme',
  ],
  [
    'plans that all share, with own customers',
    'select n.name, coalesce(x.credit, 0) from plans n left join customers x on x.tenant_id = $1 and x.id = n.id where n.tenant_id = $1 or n.tenant_id is null',
    'acme',
  ],
  [
    'counters of several names',
    `insert into counters (tenant_id, name, n) select $1, k.name, 1 from (values ('hits'), ('miss')) as k (name) on conflict (tenant_id, name) do update set n = counters.n + excluded.n returning name, n`,
    'acme',
  ],
  [
    'orders by month and status',
    `select to_char(placed_at, 'YYYY-MM') as month, status, count(*) from orders where tenant_id = $1 group by 1, 2 order by 1, 2`,
    'acme',
  ],
  [
    'customers with their last visit',
    'select c.name, last.at from customers c left join lateral (select max(e.at) as at from events_log e where e.tenant_id = c.tenant_id and e.customer_id = c.id) last on true where c.tenant_id = $1',
    'acme',
  ],
  [
    'the way up a tree',
    'with recursive up as (select id, parent_id, name, 1 as depth from categories where tenant_id = $1 and id = 3 union all select c.id, c.parent_id, c.name, up.depth + 1 from categories c join up on up.parent_id = c.id where c.tenant_id = $1) select name from up order by depth',
    'acme',
  ],
  [
    'two kinds of things by their time',
    `select 'order' as kind, id, placed_at as at from orders where tenant_id = $1 union all select kind, customer_id, at from events_log where tenant_id = $1 order by at limit 5`,
    'acme',
  ],
  [
    'a running total',
    'select id, name, credit, sum(credit) over (order by id rows between unbounded preceding and current row) as running from customers where tenant_id = $1 order by id',
    'acme',
  ],
  [
    'a median',
    'select customer_id, percentile_cont(0.5) within group (order by total) from orders where tenant_id = $1 group by customer_id',
    'acme',
  ],
  [
    'a field of JSON, counted',
    `select attributes ->> 'size' as size, count(*) from products where tenant_id = $1 and attributes @> '{"size": "S"}' group by 1`,
    'acme',
  ],
  [
    'a stock that never falls below zero',
    `update products set attributes = attributes || jsonb_build_object('sold', true), stock = greatest(stock - 1, 0) where tenant_id = $1 and sku = $2 and stock > 0 returning sku, stock`,
    'acme',
    'p1',
  ],
  [
    'days without orders, too',
    `select d.day::date, count(o.id) from generate_series('2026-04-01'::date, '2026-04-03'::date, interval '1 day') as d (day) left join orders o on o.tenant_id = $1 and o.placed_at::date = d.day group by 1 order by 1`,
    'acme',
  ],
  [
    'rows moved to an archive',
    `with moved as (delete from orders where tenant_id = $1 and status = 'void' returning id, tenant_id, customer_id, status, total, placed_at) insert into archived_orders (id, tenant_id, customer_id, status, total, placed_at) select id, tenant_id, customer_id, status, total, placed_at from moved`,
    'acme',
  ],
  [
    'customers above a sum',
    'select c.name from customers c where c.tenant_id = $1 and c.id in (select o.customer_id from orders o where o.tenant_id = $1 group by o.customer_id having sum(o.total) > 20)',
    'acme',
  ],
  [
    'ratings by CASE',
    `select case when credit > 5 then 'good' when credit > 0 then 'fair' else 'none' end as rating, count(*) from customers where tenant_id = $1 group by 1 order by 1`,
    'acme',
  ],
  [
    'sets of keys',
    `select id from customers where tenant_id = $1 intersect select customer_id from orders where tenant_id = $1 except select customer_id from orders where tenant_id = $1 and status = 'void'`,
    'acme',
  ],
  [
    'an upsert where something changes',
    `insert into products (id, tenant_id, sku, name, price) values (50, $1, 'p1', 'ink', 2) on conflict (tenant_id, sku) do update set price = excluded.price, name = coalesce(excluded.name, products.name) where products.price is distinct from excluded.price returning id, price`,
    'acme',
  ],
  [
    'prices in another currency',
    'select p.name, p.price, round(p.price * c.rate, 2) as local from products p cross join currencies c where p.tenant_id = $1 and c.code = $2',
    'acme',
    'USD',
  ],
  [
    'cities by a pattern',
    'select distinct c.city from customers c where c.tenant_id = $1 and c.city ilike $2 order by c.city nulls last',
    'acme',
    'b%',
  ],
  [
    'counts over everything',
    'select count(*) as total, count(distinct customer_id) as customers, min(placed_at), max(placed_at) from orders where tenant_id = $1',
    'acme',
  ],
  [
    'statuses from a list',
    `update orders set status = v.status from (values (1, 'sent'), (2, 'paid')) as v (id, status) where orders.tenant_id = $1 and orders.id = v.id returning orders.id, orders.status`,
    'acme',
  ],
  [
    'a join by two columns at once',
    `select c.id, string_agg(o.status, ', ' order by o.id) from customers c join orders o on (o.tenant_id, o.customer_id) = (c.tenant_id, c.id) where c.tenant_id = $1 group by c.id`,
    'acme',
  ],
  [
    'pairs of orders of one customer',
    'select a.id, b.id from orders a join orders b on b.tenant_id = a.tenant_id and b.customer_id = a.customer_id and b.id > a.id where a.tenant_id = $1',
    'acme',
  ],
  [
    'the first and the last of a window',
    'select id, first_value(amount) over w, last_value(amount) over w from events_log where tenant_id = $1 window w as (partition by kind order by at, id)',
    'acme',
  ],
  [
    'whether an address is taken',
    'select exists (select 1 from customers where tenant_id = $1 and email = $2) as taken',
    'acme',
    'ann@x',
  ],
  [
    'a counter named by a list',
    `delete from counters c using (values ('hits')) as k (name) where c.tenant_id = $1 and c.name = k.name returning c.n`,
    'acme',
  ],
  [
    'arrays and objects of rows',
    'select array_agg(id order by id) as ids, jsonb_object_agg(id, name) as names from customers where tenant_id = $1 and deleted_at is null',
    'acme',
  ],
  [
    'a month, a page at a time',
    `select o.* from orders o where o.tenant_id = $1 and o.placed_at >= $2::timestamptz and o.placed_at < $2::timestamptz + interval '1 month' order by o.placed_at offset 1 limit 2`,
    'acme',
    '2026-04-01',
  ],
  [
    'products of a top category, or none',
    'select p.id from products p left join categories c on c.tenant_id = p.tenant_id and c.id = p.category_id left join categories r on r.tenant_id = c.tenant_id and r.id = c.parent_id where p.tenant_id = $1 and (r.name = $2 or r.name is null)',
    'acme',
    'all',
  ],
  [
    'a count of rows by whether a field is set',
    'select count(*) filter (where email is not null) as known, count(*) filter (where email is null) as unknown from customers where tenant_id = $1',
    'acme',
  ],
  [
    'the three dearest products of each category',
    'select category_id, sku from (select p.category_id, p.sku, row_number() over (partition by p.category_id order by p.price desc) as n from products p where p.tenant_id = $1) ranked where n <= 3',
    'acme',
  ],
  [
    'products by any of some tags',
    'select sku from products where tenant_id = $1 and tags && $2::text[] order by sku',
    'acme',
    ['new', 'old'],
  ],
  [
    'products by a field of JSON',
    `select sku from products where tenant_id = $1 and (attributes ->> 'n')::int > 2`,
    'acme',
  ],
  [
    'orders beside the one before',
    'select id, total - lag(total, 1, 0) over (partition by customer_id order by placed_at) as more from orders where tenant_id = $1',
    'acme',
  ],
  [
    'customers of a list of cities',
    `select id from customers where tenant_id = $1 and city in ('Basel', 'Bern') order by id`,
    'acme',
  ],
  [
    'a customer with the newest order as JSON',
    `select c.id, (select to_jsonb(o) - 'tenant_id' from orders o where o.tenant_id = c.tenant_id and o.customer_id = c.id order by o.placed_at desc limit 1) as newest from customers c where c.tenant_id = $1`,
    'acme',
  ],
  [
    'an order with its lines, inserted at once',
    `with made as (insert into orders (id, tenant_id, customer_id, placed_at) values (80, $1, 1, '2026-06-01') returning id) insert into order_items (order_id, line, product_id, quantity, price) select made.id, 1, p.id, 1, p.price from made, products p where p.tenant_id = $1 and p.sku = 'p1'`,
    'acme',
  ],
  [
    'lines of paid orders removed',
    `delete from order_items i using orders o where o.id = i.order_id and o.tenant_id = $1 and o.status = 'void'`,
    'acme',
  ],
  [
    'a soft delete',
    'update customers set deleted_at = now() where tenant_id = $1 and id = $2 and deleted_at is null',
    'acme',
    2,
  ],
  [
    'credit moved from one customer to another',
    'update customers set credit = credit + case id when 1 then -5 when 2 then 5 end where tenant_id = $1 and id in (1, 2)',
    'acme',
  ],
  [
    'a search over two columns',
    'select id from customers where tenant_id = $1 and (name ilike $2 or email ilike $2)',
    'acme',
    '%ann%',
  ],
  [
    'sums by day of the week',
    'select extract(isodow from at) as day, sum(coalesce(amount, 0)) from events_log where tenant_id = $1 group by extract(isodow from at) order by 1',
    'acme',
  ],
  [
    'the share of each status',
    'select status, round(100.0 * count(*) / sum(count(*)) over (), 1) as share from orders where tenant_id = $1 group by status',
    'acme',
  ],
  [
    'events that no later one follows',
    'select e.id from events_log e left join events_log l on l.tenant_id = e.tenant_id and l.customer_id = e.customer_id and l.at > e.at where e.tenant_id = $1 and l.id is null',
    'acme',
  ],
  [
    'all the members of one person’s role',
    'select m.person_id from members m where m.tenant_id = $1 and m.role = (select r.role from members r where r.tenant_id = $1 and r.person_id = 1)',
    'acme',
  ],
  [
    'categories with the number of their products',
    'select c.name, (select count(*) from products p where p.tenant_id = c.tenant_id and p.category_id = c.id) as products from categories c where c.tenant_id = $1 order by c.path',
    'acme',
  ],
  [
    'products that cost more than their category’s mean',
    'select p.sku from products p join (select category_id, avg(price) as mean from products where tenant_id = $1 group by category_id) m on m.category_id = p.category_id where p.tenant_id = $1 and p.price >= m.mean',
    'acme',
  ],
  [
    'jobs counted by state, also those of none',
    `select s.state, count(j.id) from (values ('ready'), ('running'), ('done')) as s (state) left join jobs j on j.tenant_id = $1 and j.state = s.state group by s.state`,
    'acme',
  ],
  [
    'a counter read and raised',
    'update counters set n = n + $3 where tenant_id = $1 and name = $2 returning n - $3 as before, n as after',
    'acme',
    'hits',
    2,
  ],
  [
    'copies of rows under new keys',
    `insert into products (id, tenant_id, sku, name, price) select id + 70, tenant_id, sku || '-copy', name, price from products where tenant_id = $1 returning id`,
    'acme',
  ],
  [
    'the price of an order’s lines by product',
    'select p.name, sum(i.quantity * i.price) from orders o join order_items i on i.order_id = o.id join products p on p.tenant_id = o.tenant_id and p.id = i.product_id where o.tenant_id = $1 and o.id = $2 group by p.name',
    'acme',
    1,
  ],
  [
    'dates between two others',
    `select id from orders where tenant_id = $1 and placed_at between symmetric '2026-05-01' and '2026-04-01'`,
    'acme',
  ],
  [
    'names without a duplicate',
    'select min(id) as id, lower(name) as name from customers where tenant_id = $1 group by lower(name) having count(*) = 1',
    'acme',
  ],
  [
    'the plans that a tenant may choose',
    'select name, price from plans where (tenant_id = $1 or tenant_id is null) and price <= $2 order by price',
    'acme',
    9,
  ],
  [
    'nothing but whether there is one',
    `select 1 as one from orders where tenant_id = $1 and status = 'open' limit 1`,
    'acme',
  ],
]
