import type { ButtonHTMLAttributes, Ref } from 'react';

import styles from './button.module.css';

export type ButtonLook = 'plain' | 'primary' | 'danger' | 'quiet';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: ButtonLook;
  ref?: Ref<HTMLButtonElement>;
}

const join = (...names: Array<string | false | undefined>): string => names.filter(Boolean).join(' ');

export const buttonClass = (look: ButtonLook = 'plain'): string =>
  join(styles['button'], look !== 'plain' && styles[look]);

/** A labelled button, at least 44 px in both directions. */
export function Button({ look = 'plain', className, type = 'button', ...rest }: ButtonProps) {
  return <button {...rest} type={type} className={join(buttonClass(look), className)} />;
}

export interface IconButtonProps extends ButtonProps {
  /** What it does, for people who do not see the picture; also its tooltip. */
  label: string;
  round?: boolean;
}

/** A button with a picture only; `label` is its accessible name. */
export function IconButton({ label, round = false, look = 'quiet', className, ...rest }: IconButtonProps) {
  return (
    <Button
      title={label}
      {...rest}
      look={look}
      aria-label={label}
      className={join(styles['icon'], round && styles['round'], className)}
    />
  );
}
