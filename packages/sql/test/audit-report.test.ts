import { auditJson, auditSarif, auditText, type Finding, findingRules } from '@partywall/sql/audit'
import { expect, it } from 'vitest'

const findings: readonly Finding[] = [
  {
    rule: 'role-is-superuser',
    severity: 'CRITICAL',
    object: 'app',
    reason: 'no policy holds for app',
    mend: ['ALTER ROLE "app" NOSUPERUSER'],
  },
  {
    rule: 'row-security-disabled',
    severity: 'HIGH',
    object: 'public.users',
    reason: 'public.users has no row-level security',
    mend: ['CREATE POLICY p ON users USING (true)', 'ALTER TABLE users ENABLE ROW LEVEL SECURITY'],
  },
  {
    rule: 'declaration-contradicts',
    severity: 'MEDIUM',
    object: 'public.odd\n; drop table users',
    reason: 'it is declared,\r\nand does not exist',
    mend: [],
  },
  {
    rule: 'index-not-led-by-owner',
    severity: 'LOW',
    object: 'public.users by_name',
    reason: 'by_name does not begin with tenant_id',
    mend: ['DROP INDEX by_name'],
  },
]

it('counts findings by severity in JSON, and gives each as it is', () => {
  const report = auditJson(findings)
  expect(report).toEqual({
    format: 'partywall.sql.audit/1',
    counts: { CRITICAL: 1, HIGH: 1, MEDIUM: 1, LOW: 1 },
    findings,
  })
  expect(auditJson([]).counts).toEqual({ CRITICAL: 0, HIGH: 0, MEDIUM: 0, LOW: 0 })
})

it('tells a person in text that psql runs, whatever names hold', () => {
  const text = auditText(findings)
  expect(text).toContain('-- CRITICAL role-is-superuser: app\n')
  expect(text).toContain('\nALTER ROLE "app" NOSUPERUSER;\n')
  const statements = text.split('\n').filter((line) => line !== '' && !line.startsWith('-- '))
  expect(statements).toEqual([
    'ALTER ROLE "app" NOSUPERUSER;',
    'BEGIN;',
    'CREATE POLICY p ON users USING (true);',
    'ALTER TABLE users ENABLE ROW LEVEL SECURITY;',
    'COMMIT;',
    'DROP INDEX by_name;',
  ])
  expect(auditText([])).toBe('-- nothing found\n')
})

it('keeps out of a transaction what the server takes in none', () => {
  const [finding] = findings
  const mend = ['ALTER SYSTEM SET transform_null_equals = off', 'SELECT pg_reload_conf()']
  expect(finding && auditText([{ ...finding, mend }])).not.toContain('BEGIN')
})

/** What the schema of SARIF 2.1.0 requires of the parts that are used. */
function sarifFaults(log: unknown): readonly string[] {
  const faults: string[] = []
  const at = (value: unknown, path: string): unknown =>
    path.split('.').reduce<unknown>((found, field) => Reflect.get(Object(found), field), value)
  const need = (isSo: boolean, what: string): void => {
    if (!isSo) faults.push(what)
  }
  const only = (value: unknown, names: readonly string[], what: string): void =>
    need(
      Object.keys(Object(value)).every((name) => names.includes(name)),
      `${what} has more fields`,
    )
  only(log, ['$schema', 'version', 'runs'], 'log')
  need(at(log, 'version') === '2.1.0', 'version')
  need(/^https:/.test(String(at(log, '$schema'))), '$schema')
  const runs = at(log, 'runs')
  need(Array.isArray(runs) && runs.length === 1, 'runs')
  const run: unknown = Array.isArray(runs) ? runs[0] : undefined
  only(run, ['tool', 'columnKind', 'results'], 'run')
  need(
    ['utf16CodeUnits', 'unicodeCodePoints'].includes(String(at(run, 'columnKind'))),
    'columnKind',
  )
  const driver = at(run, 'tool.driver')
  only(driver, ['name', 'rules'], 'driver')
  need(typeof at(driver, 'name') === 'string', 'driver.name')
  const rules: readonly unknown[] = Array.from(Object(at(driver, 'rules')))
  const ids = rules.map((rule) => at(rule, 'id'))
  need(ids.every((id) => typeof id === 'string') && new Set(ids).size === ids.length, 'rule ids')
  need(
    rules.every((rule) => typeof at(rule, 'shortDescription.text') === 'string'),
    'rule texts',
  )
  for (const result of Array.from<unknown>(Object(at(run, 'results')))) {
    const fields = [
      'ruleId',
      'ruleIndex',
      'level',
      'message',
      'locations',
      'partialFingerprints',
      'properties',
    ]
    only(result, fields, 'result')
    need(ids[Number(at(result, 'ruleIndex'))] === at(result, 'ruleId'), 'ruleIndex')
    need(['none', 'note', 'warning', 'error'].includes(String(at(result, 'level'))), 'level')
    need(typeof at(result, 'message.text') === 'string', 'message')
    const fingerprints = Object.values(Object(at(result, 'partialFingerprints')))
    need(
      fingerprints.length > 0 && fingerprints.every((each) => typeof each === 'string'),
      'fingerprints',
    )
    const locations: readonly unknown[] = Array.from(Object(at(result, 'locations')))
    need(locations.length === 1, 'locations')
    for (const location of locations) {
      only(location, ['physicalLocation', 'logicalLocations'], 'location')
      const name = at(location, 'logicalLocations.0.fullyQualifiedName')
      need(typeof name === 'string', 'fullyQualifiedName')
      const uri = at(location, 'physicalLocation.artifactLocation.uri')
      need(uri === undefined || typeof uri === 'string', 'uri')
    }
  }
  return faults
}

it('gives SARIF 2.1.0 as its schema asks for it', () => {
  for (const log of [
    auditSarif([]),
    auditSarif(findings),
    auditSarif(findings, { artifact: 'db/schema.sql' }),
  ]) {
    expect(sarifFaults(JSON.parse(JSON.stringify(log)))).toEqual([])
  }
  expect(sarifFaults({ version: '2.0.0' })).toContain('version')
})

it('gives one SARIF result for each finding, with the level of its severity and the SQL that mends it', () => {
  const [run] = auditSarif(findings, { artifact: 'db/schema.sql' }).runs
  expect(run?.results.map(({ level }) => level)).toEqual(['error', 'error', 'warning', 'note'])
  expect(run?.results[1]).toMatchObject({
    ruleId: 'row-security-disabled',
    message: { text: expect.stringContaining('ALTER TABLE users ENABLE ROW LEVEL SECURITY;') },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: 'db/schema.sql' } },
        logicalLocations: [{ fullyQualifiedName: 'public.users' }],
      },
    ],
    partialFingerprints: { 'partywall/1': 'row-security-disabled public.users' },
  })
  expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual([...findingRules])
})

// mutation src/audit/sarif.ts: return artifact.split('/').map(encodeURIComponent).join('/') => return artifact
it.each([
  ['db/schema #1 50%.sql', 'db/schema%20%231%2050%25.sql'],
  ['file:///srv/schema%20one.sql', 'file:///srv/schema%20one.sql'],
])('names the file %s in SARIF as %s', (artifact, uri) => {
  const [run] = auditSarif(findings, { artifact }).runs
  expect(run?.results[0]?.locations[0]).toMatchObject({
    physicalLocation: { artifactLocation: { uri } },
  })
})
