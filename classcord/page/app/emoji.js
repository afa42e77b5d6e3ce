/**
 * The emoji that the picker offers, by subject, with the words by which people look for them in French and English.
 * Any other emoji can be typed or pasted. Knows no view.
 */
const LISTS = {
  faces: `
😀 sourire content grin happy
😄 rire joie smile laugh
😁 grand sourire beam
😅 ouf sueur sweat
😂 mort de rire larmes joy tears lol mdr
🤣 plié rolling rofl ptdr
🙂 sourire léger slight smile
😉 clin d'œil wink
😊 rougir blush
😇 ange angel
🥰 amour love
😍 adore yeux cœurs heart eyes
😘 bisou kiss
😋 miam délicieux yum
😜 langue clin wink tongue
🤪 fou zany crazy
🤓 intello nerd
😎 lunettes cool sunglasses
🥳 fête party
🤔 réfléchir think
🤨 sourcil doute raised eyebrow
😐 neutre neutral
😶 sans voix speechless
🙄 yeux au ciel eye roll
😏 malin smirk
😬 grimace
😴 dormir sommeil sleep
🤒 malade sick thermometer
😷 masque mask
🥵 chaud hot
🥶 froid cold
🤯 explosé mind blown
😕 confus confused
😟 inquiet worried
😮 surpris surprise wow
😳 gêné flushed
🥺 supplier pleading
😢 pleurer triste cry sad
😭 sanglots sob
😱 peur cri scream fear
😤 vapeur huff
😡 colère angry
🤬 injures swear
💀 crâne mort skull dead
💩 caca poop
🤖 robot
👻 fantôme ghost
🙈 singe cache see no evil monkey`,
  gestures: `
👍 pouce bien oui d'accord thumbs up yes
👎 pouce bas non thumbs down no
👌 ok parfait
✌️ victoire paix peace
🤞 doigts croisés fingers crossed
🤘 rock
👉 droite right
👈 gauche left
👆 haut up
👇 bas down
☝️ attention un point one
✋ main stop hand
👋 salut bonjour au revoir wave hello bye
🤝 accord poignée handshake
👏 bravo applaudir clap
🙌 hourra raised hands
🙏 merci prière s'il te plaît thanks please pray
💪 force muscle strong
✍️ écrire write
🧠 cerveau brain
👀 yeux regarder eyes look
🙋 question main levée raise hand
🤷 sais pas shrug
🤦 facepalm consterné`,
  school: `
📚 livres books
📖 livre lire book read
📝 note devoir memo homework
✏️ crayon pencil
📐 équerre géométrie maths
🧮 boulier calcul abacus
🔬 microscope science
🧪 chimie tube chemistry
💻 ordinateur portable laptop computer
🖥️ écran ordinateur desktop
⌨️ clavier keyboard
🖱️ souris mouse
🖨️ imprimante printer
📱 téléphone phone
🐛 bug insecte
🐍 serpent python snake
☕ café java coffee
🐳 baleine docker whale
🐧 pingouin linux penguin
🔒 cadenas fermé lock
🔓 cadenas ouvert unlock
🔑 clé key
🔧 outil réparer wrench
⚙️ réglages gear
🗄️ base données archive database
🌐 réseau web internet network
📡 antenne satellite
🎓 diplôme graduation
🏫 école lycée school
🕐 heure horloge clock
⏰ réveil alarm
📅 calendrier date calendar
📌 épingle pin
📎 trombone paperclip
💡 idée ampoule idea bulb`,
  signs: `
✅ fait validé check done
☑️ coché checked
❌ faux erreur cross wrong
❓ question
❗ important exclamation
⚠️ attention warning
🚫 interdit forbidden
💯 cent parfait hundred
🔥 feu fire
✨ étincelles sparkles
⭐ étoile star
🎉 fête bravo tada party
🎊 confettis confetti
🏆 coupe trophée trophy
🥇 or premier gold first
🚀 fusée rocket
💥 boum boom
❤️ cœur amour heart love
🧡 cœur orange heart
💛 cœur jaune yellow heart
💚 cœur vert green heart
💙 cœur bleu blue heart
💜 cœur violet purple heart
🖤 cœur noir black heart
💔 cœur brisé broken heart
💤 dormir zzz
🎵 musique note music
🔔 cloche bell
🔇 muet mute
➕ plus
➖ moins minus
🔁 recommencer repeat
➡️ droite flèche right arrow
⬅️ gauche flèche left arrow
🟢 vert green
🟠 orange
🔴 rouge red`,
  nature: `
☀️ soleil sun
🌤️ éclaircie partly sunny
☁️ nuage cloud
🌧️ pluie rain
⛈️ orage storm
❄️ neige flocon snow
🌈 arc-en-ciel rainbow
🌙 lune moon
🌍 terre monde earth world
🌱 pousse plant
🌸 fleur flower
🍀 trèfle chance luck
🐶 chien dog
🐱 chat cat
🦊 renard fox
🐻 ours bear
🐼 panda
🦁 lion
🐸 grenouille frog
🦄 licorne unicorn
🐝 abeille bee
🦋 papillon butterfly
🐢 tortue turtle
🐙 pieuvre octopus`,
  food: `
🍎 pomme apple
🍌 banane banana
🍓 fraise strawberry
🍕 pizza
🍔 hamburger burger
🍟 frites fries
🥐 croissant
🥖 baguette pain bread
🧀 fromage cheese
🍝 pâtes pasta
🍣 sushi
🍰 gâteau cake
🎂 anniversaire birthday
🍫 chocolat chocolate
🍪 cookie biscuit
🍿 pop-corn popcorn
🧃 jus juice
🥤 boisson drink
🍵 thé tea
⚽ football soccer ball
🏀 basket basketball
🎾 tennis
🏐 volley volleyball
🎮 jeu vidéo game
🎲 dé dice
🎧 casque headphones
🎸 guitare guitar
🎬 cinéma film movie
🚌 bus
🚲 vélo bike`,
};

/** @type {{category: string, emoji: {emoji: string, words: string}[]}[]} */
export const CATEGORIES = Object.entries(LISTS).map(([category, list]) => ({
  category,
  emoji: list
    .trim()
    .split("\n")
    .map((line) => {
      const space = line.indexOf(" ");
      return { emoji: line.slice(0, space), words: line.slice(space + 1) };
    }),
}));

const ALL = CATEGORIES.flatMap(({ emoji }) => emoji);

/** What people mostly react with. */
export const USUAL = ["👍", "❤️", "😂", "🎉", "👀", "✅"];

/** Without accents and capitals, as people type when they look for something. */
export const folded = (text) => text.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase().replace(/œ/g, "oe");

/** Those of which some word begins with what was typed, the best first. */
export function findEmoji(typed, most = 48) {
  const wanted = folded(typed.trim());
  if (!wanted) return [];
  const found = [];
  for (const each of ALL) {
    const place = ` ${folded(each.words)}`.indexOf(` ${wanted}`);
    if (place >= 0) found.push({ ...each, place });
  }
  return found.sort((a, b) => a.place - b.place).slice(0, most);
}
