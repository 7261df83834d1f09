import { type Handler, notFound, ok, whole } from '../../service/handler.ts'

/** As it was found. */
export const leakingUpdateById: Handler = async ({ kysely }, { params }) => {
  const id = whole(params['id'])
  const { numUpdatedRows } = await kysely
    .updateTable('mfa_backup_codes')
    .set({ used: true })
    .where('id', '=', id)
    .executeTakeFirst()
  return numUpdatedRows === 0n ? notFound : ok({ id, used: true })
}
