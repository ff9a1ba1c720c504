/** What the review made of the hits, by the file of the rule: file by file, judged by what each recording is of. */
export interface Review {
  what: string;
  judgement: 'right' | 'right, but of the recording' | 'part of correlations';
}

export const review: Readonly<Record<string, Review>> = {
  windows_event_log_cleared: {
    what: 'Each is the first record of its file: whoever made the recording emptied the log to begin it. One recording is of the act itself.',
    judgement: 'right, but of the recording',
  },
  directory_secrets_replicated_by_an_account_that_is_no_controller: {
    what: 'Two recordings of a DCSync attack, three records of each; no other recording.',
    judgement: 'right',
  },
  memory_of_the_logon_process_opened_for_reading: {
    what: 'Five recordings of credential dumping: dump tools, mimikatz, a copied process, a leaked handle.',
    judgement: 'right',
  },
  permissions_of_the_domain_root_changed_on_windows: {
    what: 'Rights of replication granted on the domain root: twice by hand or script, once by relaying the mail server.',
    judgement: 'right',
  },
  member_added_to_well_known_privileged_group_on_windows: {
    what: 'The guest account put among the local administrators; a hidden account put among the domain administrators.',
    judgement: 'right',
  },
  service_installed_that_runs_a_command_interpreter_or_share: {
    what: 'Privileges by a named pipe, remote execution by a service, and one tool that carries a program over by installing 244 services, each of which is a hit.',
    judgement: 'right',
  },
  service_principal_name_added_to_user_account_on_windows: {
    what: 'A recording of a service name set on a user account, to have its ticket cracked.',
    judgement: 'right',
  },
  dangerous_account_flag_switched_on: {
    what: 'Five recordings of one flag each: no password required, reversible storage, DES only, two kinds of delegation.',
    judgement: 'right',
  },
  attribute_that_gives_power_over_an_account_written: {
    what: 'Three recordings of delegation configured on computer accounts; records for each value that was written.',
    judgement: 'right',
  },
  windows_account_created_and_deleted_within_an_hour: {
    what: 'The recording of an account that lived for moments.',
    judgement: 'right',
  },
  windows_password_guessed_repeatedly_for_one_account: {
    what: 'One recording of a local password search, two bursts of it.',
    judgement: 'right',
  },
  windows_account_names_searched_by_kerberos_from_one_address: {
    what: 'Two recordings of names tried against the Kerberos service; one of them is called a spray, and most of its names do not exist.',
    judgement: 'right',
  },
  windows_kerberos_passwords_guessed_for_many_accounts_from_one_address: {
    what: 'A recording of a tool that tries a list of existing accounts.',
    judgement: 'right',
  },
  windows_kerberos_password_guessed_repeatedly_for_one_account: {
    what: 'A recording of a password search for one existing account.',
    judgement: 'right',
  },
  first_ticket_given_without_pre_authentication_on_windows: {
    what: 'A recording of AS-REP roasting; in two recordings of guessing the same lab account, and one more, are set up so that they need no pre-authentication.',
    judgement: 'right',
  },
  service_ticket_with_weak_cipher_for_a_user_account: {
    what: 'The recording of a service ticket asked for with a weak cipher.',
    judgement: 'right',
  },
  windows_kerberos_request_for_unknown_account: {
    what: 'Names that do not exist, in recordings of guessing.',
    judgement: 'part of correlations',
  },
  windows_kerberos_pre_authentication_failed: {
    what: 'Wrong passwords, in recordings of guessing.',
    judgement: 'part of correlations',
  },
  windows_user_account_created: {
    what: 'Accounts created in recordings of persistence.',
    judgement: 'part of correlations',
  },
  windows_user_account_deleted: {
    what: 'Accounts deleted in recordings of persistence.',
    judgement: 'part of correlations',
  },
  windows_logon_failed: {
    what: 'Wrong passwords, in recordings of guessing.',
    judgement: 'part of correlations',
  },
};
