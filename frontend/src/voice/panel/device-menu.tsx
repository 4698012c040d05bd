import { type ReactNode, useEffect, useState } from 'react';

import { Button } from '../../ui/button.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { listMicrophones, watchMicrophones, type Microphone } from '../audio/microphone.ts';
import type { VoiceCall } from '../session/voice-call.ts';

interface DeviceMenuProps {
  call: VoiceCall;
  microphoneId: string | null;
  icon: ReactNode;
}

/** Which microphone is used. Devices that come and go while the menu is shown appear and disappear. */
export default function DeviceMenu({ call, microphoneId, icon }: DeviceMenuProps) {
  const microphones = useMicrophones(microphoneId);
  return (
    <Menu
      trigger={
        <Button title="Choose microphone" aria-label="Choose microphone">
          {icon}
        </Button>
      }
    >
      {microphones.length === 0 ? <MenuItem onSelect={() => undefined}>No microphone found</MenuItem> : null}
      {microphones.map(({ deviceId, label }) => (
        <MenuItem key={deviceId} onSelect={() => void call.chooseMicrophone(deviceId)}>
          {deviceId === microphoneId ? `✓ ${label} (in use)` : label}
        </MenuItem>
      ))}
    </Menu>
  );
}

/** @param inUse names of devices are told only once one is open: listed again when that changes. */
function useMicrophones(inUse: string | null): Microphone[] {
  const [microphones, setMicrophones] = useState<Microphone[]>([]);
  useEffect(() => {
    let current = true;
    const refresh = () => {
      listMicrophones().then(
        (found) => current && setMicrophones(found),
        () => current && setMicrophones([]),
      );
    };
    refresh();
    const unwatch = watchMicrophones(refresh);
    return () => {
      current = false;
      unwatch();
    };
  }, [inUse]);
  return microphones;
}
