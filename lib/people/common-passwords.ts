/**
 * Pieces that the commonest passwords are made of, in lower case and without look-alikes: known from every published ranking.
 * Whole passphrases that have become famous stand here too.
 */
export const commonPieces: readonly string[] = `
correcthorsebatterystaple horsebatterystaple trustno password passwort passwd passw passphrase
contrasena motdepasse senha parola wachtwoord haslo parool salasana heslo jelszo qwerty qwertz azerty asdf zxcv qazwsx
letmein welcome willkommen bienvenue bienvenido admin administrator administrateur root toor superuser sysadmin operator viewer
auditor manager support service system server backup default changeme changeit change secret geheim private access login logon
signin master guest user username test testing tester demo example sample temp temporary public internet computer laptop network
router switch firewall cluster control console dashboard homelab homeserver proxmox docker linux windows ubuntu debian google
facebook microsoft apple amazon samsung nvidia radeon geforce intel talos talosctl sidero siderolabs kubernetes kubectl kubeconfig
ichor nodes node iloveyou ilove love lover loveyou forever baby angel princess prince queen king sunshine moonlight shadow monkey
dragon tiger lion eagle wolf bear panther butterfly flower rainbow summer winter spring autumn january february march april june
july august september october november december monday tuesday wednesday thursday friday saturday sunday football baseball
basketball hockey soccer liverpool chelsea arsenal barcelona madrid juventus yankees cowboys steelers lakers jordan michael
jennifer jessica ashley amanda daniel charlie thomas george robert william andrew joshua matthew anthony david james richard
nicole michelle hannah samantha elizabeth alexander batman superman spiderman pokemon pikachu starwars skywalker naruto matrix
hunter killer ninja pirate samurai warrior ranger phoenix mustang ferrari porsche mercedes corvette yamaha harley jesus christ
church heaven blessed family mother father brother sister friend freedom america london england france germany canada mexico
brasil india china russia pepper cookie chocolate cheese banana orange purple yellow silver golden diamond money dollar cash
whatever nothing something everything hello goodbye please thankyou biteme fuckyou fuckoff asshole bitch pussy sexy
zaq xsw cde vfr bgt nhy mju abc abcd xyz aaa the and for you this that with from mine your
`
  .trim()
  .split(/\s+/);
