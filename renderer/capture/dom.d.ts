// MediaStreamTrackProcessor and friends: in Chromium, not in the DOM types of the compiler.
/// <reference types="dom-mediacapture-transform" />
