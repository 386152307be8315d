// An Electron app with one bare page: see ../bareEncoding.ts.
const { app, BrowserWindow } = require('electron');

app.whenReady().then(() => {
  const window = new BrowserWindow({ show: false, webPreferences: { backgroundThrottling: false } });
  return window.loadURL(process.env.BARE_PAGE);
});
