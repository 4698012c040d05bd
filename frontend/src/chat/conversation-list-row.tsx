import { useState } from 'react';
import { Link } from 'react-router';

import type { Conversation } from '../api/types.ts';
import { IconButton } from '../ui/button.tsx';
import { shortMoment } from '../ui/format.ts';
import { MoreIcon } from '../ui/icons.tsx';
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx';
import { VisuallyHidden } from '../ui/visually-hidden.tsx';
import styles from './conversation-list.module.css';
import { titleOf } from './conversation-title.ts';
import { DeleteDialog } from './delete-dialog.tsx';
import { RenameForm } from './rename-form.tsx';
import { useConversationActions } from './use-conversation-actions.ts';

interface ConversationListRowProps {
  conversation: Conversation;
  isSelected: boolean;
  isLive: boolean;
  onNavigate(): void;
  onGone: (() => void) | undefined;
}

export function ConversationListRow(props: ConversationListRowProps) {
  const { conversation, isSelected, isLive, onNavigate, onGone } = props;
  const [mode, setMode] = useState<'shown' | 'renaming' | 'deleting'>('shown');
  const actions = useConversationActions(conversation);
  const title = titleOf(conversation);

  if (mode === 'renaming') {
    return (
      <li className={styles['row']}>
        <RenameForm
          title={conversation.title}
          className={styles['rename']}
          onRename={actions.rename}
          onClose={() => setMode('shown')}
        />
      </li>
    );
  }
  return (
    <li className={isSelected ? `${styles['row']} ${styles['selected']}` : styles['row']}>
      <Link
        to={`/c/${conversation.id}`}
        className={styles['link']}
        aria-current={isSelected ? 'page' : undefined}
        onClick={onNavigate}
      >
        {isLive ? (
          <span className={styles['live']}>
            <VisuallyHidden>Live call: </VisuallyHidden>
          </span>
        ) : null}
        <span className={styles['words']}>
          <span className={styles['title']} dir="auto" title={title}>
            {title}
          </span>
          <span className={styles['when']}>{shortMoment(conversation.updated_at)}</span>
        </span>
      </Link>
      <Menu
        trigger={
          <IconButton label={`Actions for ${title}`}>
            <MoreIcon />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => setMode('renaming')}>Rename</MenuItem>
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
      {mode === 'deleting' ? (
        <DeleteDialog
          title={title}
          onDelete={async () => {
            await actions.remove();
            onGone?.();
          }}
          onClose={() => setMode('shown')}
        />
      ) : null}
    </li>
  );
}
