create type "Status" as enum ('draft', 'public');
create table tenants (id text primary key, name text not null);
create table users (
  id int primary key, tenant_id text not null references tenants (id) on update cascade on delete restrict,
  email text not null, name text, boss_id int,
  unique (tenant_id, id), unique (tenant_id, email),
  foreign key (tenant_id, boss_id) references users (tenant_id, id) on update cascade on delete restrict);
create table profiles (
  id int primary key, tenant_id text not null, user_id int not null, bio text not null,
  unique (tenant_id, user_id),
  foreign key (tenant_id, user_id) references users (tenant_id, id) on update cascade on delete cascade);
create table posts (
  id int primary key, tenant_id text not null, author_id int not null, title text not null,
  views int not null default 0, big bigint not null default 0, price decimal(65, 30) not null default 0,
  status "Status" not null default 'draft', meta jsonb, data bytea, labels text[],
  created_at timestamp(3) not null default current_timestamp,
  unique (tenant_id, id),
  foreign key (tenant_id, author_id) references users (tenant_id, id) on update cascade on delete restrict);
create table comments (
  id int primary key, tenant_id text not null, post_id int not null, body text not null,
  unique (tenant_id, id),
  foreign key (tenant_id, post_id) references posts (tenant_id, id) on update cascade on delete cascade);
create table tags (id int primary key, tenant_id text not null, name text not null, unique (tenant_id, name));
create table "_PostToTag" (
  "A" int not null references posts (id) on update cascade on delete cascade,
  "B" int not null references tags (id) on update cascade on delete cascade,
  constraint "_PostToTag_AB_pkey" primary key ("A", "B"));
create index on "_PostToTag" ("B");
create table notes (
  id int primary key, tenant_id text not null,
  user_id int not null references users (id) on update cascade on delete restrict, text text not null);
create table roles (id int primary key, name text not null);
create table user_roles (
  user_id int not null references users (id) on update cascade on delete cascade,
  role_id int not null references roles (id) on update cascade on delete restrict,
  primary key (user_id, role_id));
insert into roles values (1, 'admin'), (2, 'guest');
