import { preset } from '../tsup.config.base.ts'

export default preset({
  entry: ['src/main.ts'],
  // Measures the sources as they are, without a build of every package first.
  noExternal: [/^@partywall\//],
  esbuildOptions: (options) => {
    options.conditions = ['@partywall/source']
  },
})
