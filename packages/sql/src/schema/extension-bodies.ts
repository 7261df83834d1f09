/** Bodies of citext before its version 1.8, as SHA-256: they name PostgreSQL's own functions by their schema. */
const citextBodies = [
  '8069a971fa5b163b33f392983c0cc7860fe6d99f309985b7d5ac85368468795f',
  '402b46f0f2e6841730c384b53a739ab7c43be6aa7abab1ea84608205e2829557',
  '80aeed6829155a22a77e837d86a45477160937813e6c706181865a155cf8508a',
  '95851325fa0310b28907220ad1efe0bc46fa7e5cd376332e2f72ed0ec24f964f',
  'de9d192b1f27afa991eed43759f715db72488a62cfee56c9e71454edc6bc14dc',
  'f63a6df4223a8f2e87a80e91bef2731c048805e023e4a62e245b97910e73adc8',
  '29d776eb9c50bb10d12c11037f47af61bf02a4874a37635c2a21b774d10d7513',
  '2a117ec0d738971a8c65d96038fd8d74ec2850f044488f388f4e2f7b1926375a',
  '6dbffad4e58ae473f60339e1b946724e52db75e95d6691daea15a4f4b482d915',
  '802591ae96c4f714e2b0f1d7ceffcf718ab6693d74cc6435dd1880aaf31590f5',
  '8caa444dd6163f82bb4f2b0989910a4016f2b594c8876995108cdb1b10f421a8',
  'e13509d9a8f65b1c2364dd9dc4219719e17dd70db13bf4b6137a15a41f51d0f6',
  'd8f952819fe65deb7a7b6fe38b67fa95c40afded166f10c2758d7a86f1aa0d45',
  '1d0fd257397666c64db65b130404186fe0a7339c19e561cdca659ca66585d607',
]

/** The number by which `pg_depend` names a system catalogue. */
export const oidOf = (catalogue: string): string =>
  `'pg_catalog.${catalogue}'::pg_catalog.regclass::pg_catalog.oid`

/** Whether an extension brought what has this number; it may have been given to it, or changed, since. */
const isMember = (catalogue: string, oid: string): string => `exists (
  select 1 from pg_catalog.pg_depend e where e.classid = ${oidOf(catalogue)} and e.objid = ${oid}
    and e.deptype = 'e')`

const isKnownText = `(l.lanname = 'sql'
  and pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(p.prosrc, 'UTF8')), 'hex')
    = any ('{${citextBodies.join(',')}}'::text[]))`

/**
 * The head of a query: `strangers` are functions and operators of which nobody knows what they run,
 * though they may belong to an extension. A body in C is its own; one that is a text reads its names
 * when it runs, and whoever has CREATE OR REPLACE FUNCTION can have written it; one that is parsed
 * notes what it uses. So does what stands on others: operators, aggregates, defaults of arguments.
 */
export const withStrangers: string = `with recursive strangers (class, oid) as (
  select ${oidOf('pg_proc')}, p.oid
  from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang
  where p.oid >= 16384 and (not ${isMember('pg_proc', 'p.oid')}
    or l.lanname not in ('c', 'internal') and case
      when pg_catalog.to_jsonb(p) ->> 'prosqlbody' is null then not ${isKnownText}
      else exists (select 1 from pg_catalog.pg_depend t where t.classid = ${oidOf('pg_proc')}
        and t.objid = p.oid and t.refclassid = ${oidOf('pg_class')}) end)
  union
  select d.classid, d.objid from strangers s
  join pg_catalog.pg_depend d on d.refclassid = s.class and d.refobjid = s.oid
  where d.classid = any (array[${oidOf('pg_proc')}, ${oidOf('pg_operator')}]))`

/**
 * The name of the extension that brought a function or an operator, and whose own code it runs;
 * `null` for all others. For queries that begin with `withStrangers`.
 */
export function extensionOf(kind: 'pg_proc' | 'pg_operator', oid: string): string {
  return extensionOfClass(oidOf(kind), oid)
}

/** The same, where the number of the catalogue is in a column. */
export function extensionOfClass(catalogue: string, oid: string): string {
  return `(
    select x.extname from pg_catalog.pg_depend e join pg_catalog.pg_extension x on x.oid = e.refobjid
    where e.classid = ${catalogue} and e.objid = ${oid} and e.deptype = 'e'
      and not exists (select 1 from strangers u where u.class = e.classid and u.oid = e.objid))`
}
