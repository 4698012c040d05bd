import type { ReactNode } from 'react';

/** The frame every icon is drawn in: 20 px, in the colour of its text, silent to screen readers. */
export function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      width="20"
      height="20"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

export const PlusIcon = () => (
  <Icon>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);
export const MenuIcon = () => (
  <Icon>
    <path d="M3 5.5h14M3 10h14M3 14.5h14" />
  </Icon>
);
export const MoreIcon = () => (
  <Icon>
    <path d="M4.5 10h.01M10 10h.01M15.5 10h.01" strokeWidth="2.6" />
  </Icon>
);
export const CloseIcon = () => (
  <Icon>
    <path d="M5 5l10 10M15 5L5 15" />
  </Icon>
);
export const SendIcon = () => (
  <Icon>
    <path d="M10 16V4M5 9l5-5 5 5" />
  </Icon>
);
export const StopIcon = () => (
  <Icon>
    <rect x="5.5" y="5.5" width="9" height="9" rx="1.5" fill="currentColor" />
  </Icon>
);
/** Speech: five bars, used for the voice button and for lines that were spoken. */
export const VoiceIcon = () => (
  <Icon>
    <path d="M3 8.5v3M6.5 6v8M10 3.5v13M13.5 6v8M17 8.5v3" />
  </Icon>
);
export const ToolIcon = () => (
  <Icon>
    <path d="M12.5 3.2a4 4 0 0 0-4.6 5.4L3.2 13.300a1.8 1.8 0 0 0 2.5 2.500l4.7-4.700a4 4 0 0 0 5.4-4.600l-2.5 2.5-2.6-.7-.7-2.600z" />
  </Icon>
);
export const DownIcon = () => (
  <Icon>
    <path d="M10 4v12M5 11l5 5 5-5" />
  </Icon>
);
export const HelpIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="7.2" />
    <path d="M7.9 7.900a2.2 2.2 0 1 1 3.1 2c-.7.3-1 .8-1 1.500M10 14h.01" />
  </Icon>
);
export const SettingsIcon = () => (
  <Icon>
    <path d="M3 6h8M15 6h2M3 14h2M9 14h8" />
    <circle cx="13" cy="6" r="2" />
    <circle cx="7" cy="14" r="2" />
  </Icon>
);
export const SearchIcon = () => (
  <Icon>
    <circle cx="9" cy="9" r="5.5" />
    <path d="M13.2 13.200L17 17" />
  </Icon>
);
export const BackIcon = () => (
  <Icon>
    <path d="M12.5 4.500L7 10l5.5 5.5" />
  </Icon>
);
