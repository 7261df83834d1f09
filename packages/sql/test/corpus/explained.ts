/** What a person is told of a statement: a line for each relation. */
export const explained: readonly (readonly [text: string, ...lines: string[]])[] = [
  [
    'select 1 from users u join posts p on p.tenant_id = any($2) where u.tenant_id = $1',
    'User u is confined when $1 is the tenant: u.tenant_id = $1',
    'Post p is confined when every element of $2 is the tenant: p.tenant_id = ANY ($2)',
  ],
  [
    `select id from docs where owner = 'it''s'`,
    `Doc is confined when 'it''s' is the tenant: docs.owner = 'it''s'`,
  ],
  [
    'select id from users where tenant_id = $1 and tenant_id = $2 and tenant_id in ($1, 2)',
    `User is confined when $1, $2, '2' are the tenant: users.tenant_id = $1 and users.tenant_id = $2 and users.tenant_id IN ($1, '2')`,
  ],
  [
    'select id from users',
    'User is open: compare its owner column itself with the tenant in WHERE, or in ON of the JOIN or LEFT JOIN that adds it',
  ],
  [
    'insert into users (id) values (1)',
    'User is written without its tenant: list the owner column with the tenant in every row, also in ON CONFLICT',
  ],
  [
    'select id from pages',
    'Page is open: it is owned through others, which only the catalogue of a live database can tell (liveSchema(), or --live)',
  ],
  [
    'insert into docs (owner, n) values ($1, 1) on conflict (n) do nothing',
    'Doc is open: ON CONFLICT can meet a row of another tenant: name a key that has the owner column, or declare keyOracle and compare the owner in its WHERE',
  ],
  ['selec', 'PostgreSQL does not read this text: syntax error at or near "selec"'],
  [`select ${'('.repeat(3000)}'x`, 'PostgreSQL does not read this text: the text is no SQL'],
  ['select * from nowhere', 'it names a table that the schema does not declare: nowhere'],
  ['truncate users', 'it holds something that the proof does not model: TRUNCATE'],
  [
    'delete from countries',
    'it would write rows that are not of one tenant alone: all tenants read this table; declare it writable if this may write it',
  ],
]

/** The same on the tables of the live corpus. */
export const liveExplained: typeof explained = [
  [
    `insert into spelled (id, tenant_id) select 9, x.t from (select $1::uuid as t) x`,
    'Spelled is open: the owner is text, and uuid is selected',
  ],
  [
    'select a.title from books a join books b on b.id = a.id where a.tenant_id = $1 and b.tenant_id = $2',
    'Book a is confined when $1 is the tenant: a.tenant_id = $1',
    'Book b is confined when $2 is the tenant: b.tenant_id = $2',
  ],
  [
    'select name from roles where tenant_id is null',
    'Role is confined to rows that all tenants share: roles.tenant_id IS NULL',
  ],
  [
    'delete from boxes where tenant_id = $1',
    "Box is open: public.things refers to public.boxes by things_box_id_fkey, and its rows would change with it: nothing declares them the tenant's",
  ],
  ['select body from pages p', 'Page p is open: book_id must equal id of a confined public.books'],
  [
    'select p.body from pages p join books b on b.id = p.book_id where b.tenant_id = $1',
    'Page p is confined when $1 is the tenant: p.book_id = b.id',
    'Book b is confined when $1 is the tenant: b.tenant_id = $1',
  ],
  [
    'insert into pages (id, book_id, body) select 1, id + 1, null from books where tenant_id = $1',
    'Book is confined when $1 is the tenant: books.tenant_id = $1',
    `Page is open: book_id must come from a row of public.books that is the tenant's: select it from there`,
  ],
  [
    'delete from books where tenant_id = $1',
    `Book is open: public.notes refers to public.books by notes_book, which does not compare their owners: other tenants' rows may change; make it FOREIGN KEY (tenant_id, book_id) REFERENCES public.books (tenant_id, id)`,
  ],
  [
    'select body from pages where id = $1',
    'Page is open: its own key does not say whose it is: join the row of public.books with book_id = id, or use IN or EXISTS, and confine that',
  ],
  [
    'select body from pages where book_id = $1',
    'Page is open: book_id must equal id of a confined public.books',
  ],
  [
    'select l.book_id from links l join authors a on a.id = l.author_id where a.tenant_id = $1 and l.book_id = $2',
    'Link l is open: book_id must equal id of a confined public.books',
    'Author a is confined when $1 is the tenant: a.tenant_id = $1',
  ],
  [
    'select coalesce(b.*) from books b where b.tenant_id = $1',
    'it holds something that the proof does not model: a row with a star in a list',
  ],
]
