import { DropdownMenu } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';

import styles from './menu.module.css';

interface MenuProps {
  trigger: ReactElement;
  children: ReactNode;
}

/**
 * A menu behind a button. Not modal: the modal kind locks scrolling with an injected style element, which
 * the content security policy refuses. Not in a portal: below a modal dialog the body is out of reach.
 */
export function Menu({ trigger, children }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Content className={styles['menu']} align="end" sideOffset={4} collisionPadding={8}>
        {children}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  onSelect(): void;
  children: ReactNode;
  isDanger?: boolean;
}

export function MenuItem({ onSelect, children, isDanger = false }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      className={isDanger ? `${styles['item']} ${styles['danger']}` : styles['item']}
      onSelect={onSelect}
    >
      {children}
    </DropdownMenu.Item>
  );
}

export function MenuLine() {
  return <DropdownMenu.Separator className={styles['line']} />;
}
