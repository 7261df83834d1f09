/**
 * Built-in functions that read or change what is not in their arguments: they run SQL from a text, read
 * tables by name, set or read settings, advance sequences, take locks, reach large objects, files,
 * sizes, transaction ids, replication, statistics or other sessions, or they run the checks of a type
 * that a text names.
 */
const builtins = wordsOf(`
brin_desummarize_range brin_summarize_new_values brin_summarize_range current_setting currtid2
currval cursor_to_xml cursor_to_xmlschema database_to_xml database_to_xml_and_xmlschema
database_to_xmlschema gin_clean_pending_list lastval lo_close lo_creat lo_create lo_export
lo_from_bytea lo_get lo_import lo_lseek lo_lseek64 lo_open lo_put lo_tell lo_tell64 lo_truncate
lo_truncate64 lo_unlink loread lowrite mxid_age nextval pg_available_wal_summaries pg_backup_start
pg_backup_stop pg_blocking_pids pg_cancel_backend pg_clear_attribute_stats pg_clear_relation_stats
pg_column_toast_chunk_id pg_control_checkpoint pg_control_init pg_control_recovery
pg_control_system pg_copy_logical_replication_slot pg_copy_physical_replication_slot
pg_create_logical_replication_slot pg_create_physical_replication_slot pg_create_restore_point
pg_current_logfile pg_current_snapshot pg_current_wal_flush_lsn pg_current_wal_insert_lsn
pg_current_wal_lsn pg_current_xact_id pg_current_xact_id_if_assigned pg_cursor pg_database_size
pg_drop_replication_slot pg_export_snapshot pg_extension_config_dump pg_filenode_relation
pg_get_aios pg_get_backend_memory_contexts pg_get_loaded_modules pg_get_multixact_members
pg_get_publication_tables pg_get_replication_slots pg_get_sequence_data pg_get_shmem_allocations
pg_get_shmem_allocations_numa pg_get_wait_events pg_get_wal_replay_pause_state
pg_get_wal_resource_managers pg_get_wal_summarizer_state pg_hba_file_rules pg_ident_file_mappings
pg_import_system_collations pg_indexes_size pg_is_wal_replay_paused
pg_isolation_test_session_is_blocked pg_last_committed_xact pg_last_wal_receive_lsn
pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_listening_channels pg_lock_status
pg_log_backend_memory_contexts pg_log_standby_snapshot pg_mcv_list_items pg_nextoid
pg_notification_queue_usage pg_notify pg_prepared_statement pg_prepared_xact pg_promote
pg_read_binary_file pg_read_file pg_relation_filenode pg_relation_filepath pg_relation_size
pg_reload_conf pg_restore_attribute_stats pg_restore_relation_stats pg_rotate_logfile
pg_safe_snapshot_blocking_pids pg_sequence_last_value pg_sequence_parameters
pg_show_all_file_settings pg_show_all_settings pg_show_replication_origin_status
pg_stop_making_pinned_objects pg_switch_wal pg_sync_replication_slots pg_table_size
pg_tablespace_databases pg_tablespace_location pg_tablespace_size pg_terminate_backend
pg_total_relation_size pg_xact_commit_timestamp pg_xact_commit_timestamp_origin pg_xact_status
query_to_xml query_to_xml_and_xmlschema query_to_xmlschema schema_to_xml
schema_to_xml_and_xmlschema schema_to_xmlschema set_config setseed setval table_to_xml
table_to_xml_and_xmlschema table_to_xmlschema ts_rewrite ts_stat txid_current
txid_current_if_assigned txid_current_snapshot txid_status
pg_backup_start_time pg_is_in_backup pg_start_backup pg_stop_backup
array_in array_recv domain_in domain_recv multirange_in multirange_recv pg_input_error_info
pg_input_is_valid range_in range_recv record_in record_recv`)

/** What such functions are called, whatever PostgreSQL adds to them. */
const families =
  /^(?:binary_upgrade|pg_advisory|pg_ls|pg_logical|pg_replication|pg_stat|pg_try_advisory|pg_wal)_/

/** Functions of extensions that run SQL from a text. */
const ofExtensions = /^(?:dblink(?:_.*)?|crosstab[234n]?|connectby|xpath_table)$/i

/**
 * Whether no declaration makes the function of this name harmless: one of PostgreSQL's own, unless
 * another schema is named, or a known one of an extension, in whichever schema.
 */
export function isHarmful(name: string): boolean {
  const bare = name.startsWith('pg_catalog.') ? name.slice('pg_catalog.'.length) : name
  return (
    builtins.has(bare) ||
    families.test(bare) ||
    ofExtensions.test(name.slice(name.indexOf('.') + 1))
  )
}

/** What is said of one. */
export const harm =
  'reads or changes more than its arguments, and no declaration makes that harmless'

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/))
}
