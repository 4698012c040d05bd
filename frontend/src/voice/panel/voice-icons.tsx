import { Icon } from '../../ui/icons.tsx';

export const MicrophoneIcon = () => (
  <Icon>
    <rect x="7.5" y="2.5" width="5" height="9" rx="2.5" />
    <path d="M4.5 9.500a5.500 5.500 0 0 0 11 0M10 15v2.500" />
  </Icon>
);
export const MicrophoneOffIcon = () => (
  <Icon>
    <path d="M7.500 7v2a2.500 2.500 0 0 0 4.200 1.800M12.500 8.500V5a2.500 2.500 0 0 0-4.800-1M4.500 9.500a5.500 5.500 0 0 0 8.700 4.500M15.500 9.500a5.500 5.500 0 0 1-.5 2.300M10 15v2.500M3 3l14 14" />
  </Icon>
);
export const CaptionsIcon = () => (
  <Icon>
    <rect x="2.500" y="4" width="15" height="12" rx="2" />
    <path d="M5.500 10.500h4M12 10.500h2.500M5.500 13h2.500M10.500 13h4" />
  </Icon>
);
export const KeyboardIcon = () => (
  <Icon>
    <rect x="2" y="5" width="16" height="10" rx="2" />
    <path d="M5 8h.01M8 8h.01M11 8h.01M14.500 8h.01M6.500 12h7" />
  </Icon>
);
export const HangUpIcon = () => (
  <Icon>
    <path d="M2.500 11.500c4.500-4 10.500-4 15 0l-1.500 2-3.200-1v-1.800a9 9 0 0 0-5.600 0v1.800l-3.200 1z" fill="currentColor" />
  </Icon>
);
export const CollapseIcon = () => (
  <Icon>
    <path d="M5 7.500l5 5 5-5" />
  </Icon>
);
export const ExpandIcon = () => (
  <Icon>
    <path d="M5 12.500l5-5 5 5" />
  </Icon>
);
