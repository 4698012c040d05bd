import { useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';

import { fetchMe } from '../api/account.ts';
import { queryKeys } from '../api/query-keys.ts';
import { useSignOut } from '../api/use-sign-out.ts';
import { ConversationList } from '../chat/conversation-list.tsx';
import { Button } from '../ui/button.tsx';
import { SettingsIcon } from '../ui/icons.tsx';
import { Menu, MenuItem, MenuLine } from '../ui/menu.tsx';
import styles from './chat-page.module.css';

interface SidebarProps {
  selectedId: string | null;
  callConversationId: string | null;
  onNavigate(): void;
  onSelectedGone(): void;
}

/** The list of conversations and, below it, one's own account. */
export function Sidebar(props: SidebarProps) {
  const navigate = useNavigate();
  const me = useQuery({ queryKey: queryKeys.me, queryFn: fetchMe });
  const name = me.data?.first_name || me.data?.username || 'Account';
  const mayReview = me.data?.permissions.includes('review_conversation') ?? false;
  const mayAdminister = me.data?.permissions.includes('administer_voice') ?? false;

  const leave = useSignOut();

  return (
    <div className={styles['sidebarBody']}>
      <ConversationList {...props} />
      <Menu
        trigger={
          <Button className={styles['account']} aria-label={`Account: ${name}`}>
            <span className={styles['name']}>{name}</span>
            <SettingsIcon />
          </Button>
        }
      >
        <MenuItem onSelect={() => void navigate('/settings')}>Settings</MenuItem>
        {mayReview ? <MenuItem onSelect={() => void navigate('/review')}>Review</MenuItem> : null}
        {mayAdminister ? (
          <MenuItem onSelect={() => void navigate('/settings/admin')}>Server settings</MenuItem>
        ) : null}
        {me.data?.is_staff ? (
          <MenuItem onSelect={() => location.assign('/admin/')}>Administration</MenuItem>
        ) : null}
        <MenuLine />
        <MenuItem onSelect={leave}>Sign out</MenuItem>
      </Menu>
    </div>
  );
}
