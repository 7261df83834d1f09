import type { ShopClient } from './shop.ts'

/** One call for one tenant; the client's own rows have the ids 1 and 2. */
export type ShopCall = (db: ShopClient) => Promise<unknown>

/**
 * What services do with Prisma, with the tenant's `where` in each call: `own` is `{ tenantId }`, or
 * empty where the client writes it.
 */
export function ordinaryCalls(own: {
  readonly tenantId?: string
}): Readonly<Record<string, ShopCall>> {
  const key = (id: number) => ({ tenantId_id: { tenantId: 'acme', id } })
  return {
    findMany: (db) => db.user.findMany({ where: own, orderBy: { id: 'asc' } }),
    'findMany with filters': (db) =>
      db.post.findMany({
        where: {
          ...own,
          status: { in: ['draft', 'public'] },
          createdAt: { gt: new Date(0) },
          big: { gte: 0n },
          price: { lt: '5' },
          OR: [{ title: { startsWith: 'F', mode: 'insensitive' } }, { views: { lt: 5 } }],
          NOT: { title: { contains: 'x' } },
        },
        orderBy: [{ title: 'desc' }, { id: 'asc' }],
      }),
    'findMany with a field': (db) =>
      db.post.findMany({
        where: { ...own, views: { lte: db.post.fields['id'] } },
        orderBy: { id: 'asc' },
      }),
    'findMany with json and lists': (db) =>
      db.post.findMany({
        where: { ...own, meta: { path: ['a'], equals: 1 }, labels: { has: 'a' } },
      }),
    findFirst: (db) =>
      db.user.findFirst({ where: { ...own, name: { not: null } }, orderBy: { id: 'desc' } }),
    findFirstOrThrow: (db) => db.user.findFirstOrThrow({ where: own, orderBy: { id: 'asc' } }),
    'findUnique by id': (db) => db.user.findUnique({ where: { id: 1, ...own } }),
    'findUnique by a key': (db) => db.user.findUnique({ where: key(1) }),
    'findUnique of nobody': (db) => db.user.findUnique({ where: { id: 77, ...own } }),
    findUniqueOrThrow: (db) => db.user.findUniqueOrThrow({ where: { id: 2, ...own } }),
    'findUnique, several at once': (db) =>
      Promise.all([1, 2, 3].map((id) => db.user.findUnique({ where: { id, ...own } }))),
    'select and omit': (db) =>
      Promise.all([
        db.user.findMany({ where: own, select: { name: true }, orderBy: { id: 'asc' } }),
        db.user.findMany({ where: own, omit: { name: true }, orderBy: { id: 'asc' } }),
      ]),
    'include a list': (db) =>
      db.user.findMany({
        where: own,
        include: { posts: { where: own, orderBy: { id: 'asc' }, take: 1 } },
        orderBy: { id: 'asc' },
      }),
    'include one': (db) =>
      db.post.findMany({ where: own, include: { author: true }, orderBy: { id: 'asc' } }),
    'include one to one': (db) =>
      db.user.findMany({
        where: own,
        include: { profile: true, boss: true },
        orderBy: { id: 'asc' },
      }),
    'include by an id alone': (db) =>
      db.user.findMany({ where: own, include: { notes: { where: own } }, orderBy: { id: 'asc' } }),
    'include at depth': (db) =>
      db.user.findMany({
        where: own,
        include: {
          posts: { where: own, include: { comments: { where: own } }, orderBy: { id: 'asc' } },
        },
        orderBy: { id: 'asc' },
      }),
    'include through a join model': (db) =>
      db.user.findMany({
        where: own,
        include: {
          roles: {
            where: own.tenantId === undefined ? {} : { user: own },
            include: { role: true },
          },
        },
        orderBy: { id: 'asc' },
      }),
    'count of relations': (db) =>
      db.user.findMany({
        where: own,
        include: { _count: { select: { posts: { where: own }, notes: { where: own } } } },
        orderBy: { id: 'asc' },
      }),
    'filter by some and none': (db) =>
      db.user.findMany({
        where: {
          ...own,
          posts: { some: { ...own, title: 'first' }, none: { ...own, title: 'x' } },
        },
      }),
    'filter by every': (db) =>
      db.user.findMany({
        where: { ...own, posts: { every: { ...own, title: 'first' } } },
        orderBy: { id: 'asc' },
      }),
    'filter by one': (db) =>
      db.post.findMany({ where: { ...own, author: { is: { ...own, name: 'Ann' } } } }),
    'filter by not one': (db) =>
      db.user.findMany({ where: { ...own, boss: { isNot: { ...own, name: 'Ann' } } } }),
    'filter by a missing one': (db) => db.user.findMany({ where: { ...own, boss: null } }),
    'filter by a list of many to many': (db) =>
      db.post.findMany({
        where: { ...own, tags: { some: { ...own, name: 'red' } } },
        orderBy: { id: 'asc' },
      }),
    'order by a relation': (db) =>
      db.post.findMany({ where: own, orderBy: [{ author: { name: 'desc' } }, { id: 'asc' }] }),
    'order by a count': (db) =>
      db.user.findMany({ where: own, orderBy: [{ posts: { _count: 'desc' } }, { id: 'asc' }] }),
    cursor: (db) =>
      db.post.findMany({ where: own, cursor: { id: 1, ...own }, skip: 1, orderBy: { id: 'asc' } }),
    'cursor by a relation': (db) =>
      db.post.findMany({
        where: own,
        cursor: key(1),
        orderBy: [{ author: { name: 'asc' } }, { id: 'asc' }],
      }),
    distinct: (db) =>
      db.post.findMany({ where: own, distinct: ['status'], orderBy: { id: 'asc' } }),
    count: (db) => db.user.count({ where: own, select: { _all: true, bossId: true } }),
    aggregate: (db) =>
      db.post.aggregate({
        where: own,
        _sum: { views: true },
        _min: { id: true },
        _max: { title: true },
        _count: true,
      }),
    groupBy: (db) =>
      db.post.groupBy({
        by: ['status'],
        where: own,
        _count: { _all: true },
        having: { views: { _sum: { gte: 0 } } },
        orderBy: { status: 'asc' },
      }),
    create: (db) =>
      db.post.create({
        data: {
          id: 3,
          ...own,
          authorId: 1,
          title: 'third',
          labels: ['a'],
          meta: { a: 1 },
          data: Buffer.from('x'),
          big: 5n,
          price: '1.5',
          createdAt: new Date(0),
        },
      }),
    createMany: (db) =>
      db.comment.createMany({
        data: [
          { id: 3, ...own, postId: 1, body: 'a' },
          { id: 4, ...own, postId: 2, body: 'b' },
        ],
      }),
    createManyAndReturn: (db) =>
      db.comment.createManyAndReturn({ data: [{ id: 5, ...own, postId: 1, body: 'c' }] }),
    update: (db) =>
      db.post.update({
        where: { id: 1, ...own },
        data: { views: { increment: 1 }, labels: { push: 'z' } },
      }),
    'update of a key': (db) => db.comment.update({ where: { id: 5, ...own }, data: { id: 6 } }),
    updateMany: (db) =>
      db.post.updateMany({ where: { ...own, views: { gte: 1 } }, data: { status: 'public' } }),
    'updateMany by a relation': (db) =>
      db.post.updateMany({
        where: { ...own, author: { ...own, name: 'Ann' } },
        data: { views: 9 },
      }),
    updateManyAndReturn: (db) =>
      db.post.updateManyAndReturn({
        where: { ...own, id: 2 },
        data: { views: 4 },
        select: { id: true },
      }),
    'upsert of a row that is there': (db) =>
      db.user.upsert({
        where: { id: 2, ...own },
        create: { id: 2, ...own, email: 'two@x' },
        update: { name: 'Robert' },
      }),
    'upsert of a new row': (db) =>
      db.user.upsert({
        where: { tenantId_email: { tenantId: 'acme', email: 'new@x' } },
        create: { id: 9, ...own, email: 'new@x' },
        update: { name: 'up' },
      }),
    'update with includes': (db) =>
      db.post.update({
        where: { id: 1, ...own },
        data: { views: { increment: 1 } },
        include: { author: true, comments: { where: own, orderBy: { id: 'asc' } } },
      }),
    'create at depth': (db) =>
      db.user.create({
        data: {
          id: 10,
          ...own,
          email: 'ten@x',
          posts: { create: [{ id: 11, title: 'nested', createdAt: new Date(0) }] },
        },
        include: { posts: { where: own } },
      }),
    'nested writes': (db) =>
      db.user.update({
        where: { id: 10, ...own },
        data: {
          posts: {
            update: { where: { id: 11, ...own }, data: { title: 'changed' } },
            updateMany: { where: own, data: { views: 2 } },
          },
          profile: { create: { id: 12, bio: 'new' } },
        },
        include: { posts: { where: own }, profile: true },
      }),
    'nested update of one': (db) =>
      db.post.update({
        where: { id: 11, ...own },
        data: { author: { update: { name: 'Ten' } } },
        include: { author: true },
      }),
    'links of many to many': async (db) => [
      await db.post.update({
        where: { id: 2, ...own },
        data: { tags: { connect: { id: 2, ...own } } },
        include: { tags: { where: own, orderBy: { id: 'asc' } } },
      }),
      await db.post.update({
        where: { id: 2, ...own },
        data: { tags: { disconnect: { id: 2, ...own } } },
      }),
    ],
    delete: (db) => db.comment.delete({ where: { id: 6, ...own } }),
    'delete of nobody': (db) => db.comment.delete({ where: { id: 66, ...own } }),
    deleteMany: (db) => db.comment.deleteMany({ where: { ...own, id: { in: [3, 4] } } }),
    'a list of calls as a transaction': (db) =>
      db.$transaction([
        db.user.findMany({ where: own, orderBy: { id: 'asc' } }),
        db.post.count({ where: own }),
        db.tag.create({ data: { id: 3, ...own, name: 'green' } }),
      ]),
    'a transaction': (db) =>
      db.$transaction(
        async (transaction) => {
          await transaction.tag.updateMany({
            where: { ...own, name: 'green' },
            data: { name: 'grey' },
          })
          return transaction.tag.findMany({ where: own, orderBy: { id: 'asc' } })
        },
        { isolationLevel: 'Serializable' },
      ),
    'a transaction that fails': (db) =>
      db.$transaction(async (transaction) => {
        await transaction.tag.deleteMany({ where: own })
        throw new Error('no')
      }),
    'a transaction in a transaction': (db) =>
      db.$transaction((outer) => outer.$transaction((inner) => inner.tag.count({ where: own }))),
    'raw query': (db) =>
      db.$queryRaw`select id from users where tenant_id = ${'acme'} and id > ${0} order by id`,
    'raw statement': (db) =>
      db.$executeRawUnsafe('update notes set text = $1 where tenant_id = $2', 'raw', 'acme'),
  }
}

/** What needs the tenant where Prisma's calls have no place for it: a client that writes it. */
export function confinedCalls(): Readonly<Record<string, ShopCall>> {
  return {
    'include many to many': (db) =>
      db.post.findMany({ include: { tags: { orderBy: { id: 'asc' } } }, orderBy: { id: 'asc' } }),
    'count many to many': (db) =>
      db.post.findMany({ include: { _count: { select: { tags: true } } }, orderBy: { id: 'asc' } }),
    'order by a count of many to many': (db) =>
      db.post.findMany({ orderBy: [{ tags: { _count: 'desc' } }, { id: 'asc' }] }),
    'include one by an id alone': (db) => db.note.findMany({ include: { user: true } }),
    'order by one by an id alone': (db) => db.note.findMany({ orderBy: { user: { name: 'asc' } } }),
    'cursor by an id alone': (db) =>
      db.post.findMany({ cursor: { id: 1 }, take: 2, orderBy: { id: 'asc' } }),
    'create with relations, by their keys': (db) =>
      db.post.create({
        data: {
          id: 20,
          title: 'linked',
          createdAt: new Date(0),
          author: { connect: { id: 1 } },
          tags: { connect: [{ id: 1 }, { id: 2 }] },
        },
        include: { tags: { orderBy: { id: 'asc' } }, author: true },
      }),
    'create at depth': (db) =>
      db.user.create({
        data: {
          id: 21,
          email: 'deep@x',
          posts: {
            create: [
              {
                id: 22,
                title: 'nested',
                createdAt: new Date(0),
                comments: { createMany: { data: [{ id: 23, body: 'deep' }] } },
                tags: { create: { id: 24, name: 'new' } },
              },
            ],
          },
          profile: { create: { id: 25, bio: 'none' } },
        },
        include: { posts: { include: { comments: true, tags: true } }, profile: true },
      }),
    'create beside a relation': (db) =>
      db.user.create({ data: { id: 26, email: 'staff@x', boss: { connect: { id: 1 } } } }),
    'create what is connected by an id alone': (db) =>
      db.note.create({ data: { id: 27, text: 'mine', user: { connect: { id: 1 } } } }),
    'connect what is another tenant’s': (db) =>
      db.note.create({ data: { id: 28, text: 'theirs', user: { connect: { id: 1_000_001 } } } }),
    'connectOrCreate, then again': async (db) => {
      const link = () =>
        db.post.update({
          where: { id: 2 },
          data: {
            tags: {
              connectOrCreate: {
                where: { tenantId_name: { tenantId: 'acme', name: 'maybe' } },
                create: { id: 29, name: 'maybe' },
              },
            },
          },
          include: { tags: { orderBy: { id: 'asc' } } },
        })
      return [await link(), await link()]
    },
    'disconnect and set': async (db) => [
      await db.post.update({ where: { id: 2 }, data: { tags: { disconnect: { id: 29 } } } }),
      await db.post.update({
        where: { id: 2 },
        data: { tags: { set: [{ id: 2 }] } },
        include: { tags: true },
      }),
    ],
    'nested update, upsert, delete': (db) =>
      db.user.update({
        where: { id: 21 },
        data: {
          posts: {
            update: { where: { id: 22 }, data: { title: 'newer', comments: { deleteMany: {} } } },
            updateMany: { where: { title: 'x' }, data: { views: 1 } },
            upsert: {
              where: { id: 30 },
              create: { id: 30, title: 'upserted', createdAt: new Date(0) },
              update: { title: 'x' },
            },
          },
          profile: { upsert: { create: { id: 31, bio: 'x' }, update: { bio: 'changed' } } },
        },
        include: { posts: { orderBy: { id: 'asc' } }, profile: true },
      }),
    'nested update of one': (db) =>
      db.post.update({
        where: { id: 22 },
        data: { author: { update: { name: 'Nested' } } },
        include: { author: true },
      }),
    'a join model': async (db) => [
      await db.userRole.create({ data: { userId: 1, roleId: 2 } }),
      await db.userRole.findMany({ orderBy: [{ userId: 'asc' }, { roleId: 'asc' }] }),
      await db.userRole.deleteMany({ where: { roleId: 2 } }),
    ],
    'a join model, for another tenant': (db) =>
      db.userRole.create({ data: { userId: 1_000_001, roleId: 2 } }),
    'find, change and delete by an id alone': async (db) => [
      await db.tag.findUnique({ where: { id: 2 } }),
      await db.tag.update({ where: { id: 2 }, data: { name: 'teal' } }),
      await db.tag.delete({ where: { id: 2 } }),
    ],
  }
}
