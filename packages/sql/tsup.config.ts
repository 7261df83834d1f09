import { preset } from '../../tsup.config.base.ts'

export default preset({
  entry: [
    'src/index.ts',
    'src/door.ts',
    'src/kysely.ts',
    'src/kysely-scope.ts',
    'src/pg.ts',
    'src/postgres.ts',
    'src/row-security/index.ts',
    'src/audit/index.ts',
  ],
})
