import { preset } from '../../tsup.config.base.ts'

export default preset({ entry: ['src/index.ts', 'src/jwt.ts', 'src/node.ts', 'src/express.ts'] })
