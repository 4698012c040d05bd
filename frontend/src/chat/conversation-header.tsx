import { type ReactNode, useState } from 'react';

import type { ExportFormat } from '../api/conversations.ts';
import type { Conversation } from '../api/types.ts';
import { IconButton } from '../ui/button.tsx';
import { MoreIcon } from '../ui/icons.tsx';
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx';
import styles from './conversation-header.module.css';
import { titleOf } from './conversation-title.ts';
import { DeleteDialog } from './delete-dialog.tsx';
import { RenameForm } from './rename-form.tsx';
import { useConversationActions } from './use-conversation-actions.ts';

interface ConversationHeaderProps {
  conversation: Conversation | undefined;
  /** Before the title: the button of the drawer, where there is one. */
  leading: ReactNode;
  onGone(): void;
}

const EXPORTS: ReadonlyArray<{ format: ExportFormat; label: string }> = [
  { format: 'md', label: 'Download as Markdown' },
  { format: 'txt', label: 'Download as text' },
  { format: 'json', label: 'Download as JSON' },
  { format: 'vtt', label: 'Download as subtitles (VTT)' },
];

export function ConversationHeader({ conversation, leading, onGone }: ConversationHeaderProps) {
  const [mode, setMode] = useState<'shown' | 'renaming' | 'deleting'>('shown');
  const actions = useConversationActions(conversation);
  const title = conversation ? titleOf(conversation) : 'New conversation';
  return (
    <header className={styles['header']}>
      {leading}
      {mode === 'renaming' && conversation ? (
        <RenameForm
          title={conversation.title}
          className={styles['rename']}
          onRename={actions.rename}
          onClose={() => setMode('shown')}
        />
      ) : (
        <h1 className={styles['title']} dir="auto" title={title}>
          {title}
        </h1>
      )}
      {conversation?.private ? (
        <span className={styles['private']} title="Reviewers cannot read this conversation">
          Private
        </span>
      ) : null}
      {conversation ? (
        <Menu
          trigger={
            <IconButton label="Actions for this conversation">
              <MoreIcon />
            </IconButton>
          }
        >
          <MenuItem onSelect={() => setMode('renaming')}>Rename</MenuItem>
          {EXPORTS.map(({ format, label }) => (
            <MenuItem key={format} onSelect={() => actions.export(format)}>
              {label}
            </MenuItem>
          ))}
          <MenuItem onSelect={() => actions.archive(!conversation.archived)}>
            {conversation.archived ? 'Move back to current' : 'Archive'}
          </MenuItem>
          <MenuItem onSelect={() => actions.keepPrivate(!conversation.private)}>
            {conversation.private ? 'Let reviewers read it' : 'Keep private from reviewers'}
          </MenuItem>
          <MenuLine />
          <MenuItem isDanger onSelect={() => setMode('deleting')}>
            Delete…
          </MenuItem>
        </Menu>
      ) : null}
      {mode === 'deleting' ? (
        <DeleteDialog
          title={title}
          onDelete={async () => {
            await actions.remove();
            onGone();
          }}
          onClose={() => setMode('shown')}
        />
      ) : null}
    </header>
  );
}
