import { type Random } from './random';

/** Family names with their reading. */
const familyNames: ReadonlyArray<readonly [string, string]> = [
  ['佐藤', 'サトウ'], ['鈴木', 'スズキ'], ['高橋', 'タカハシ'], ['田中', 'タナカ'], ['渡辺', 'ワタナベ'], ['伊藤', 'イトウ'], ['山本', 'ヤマモト'],
  ['中村', 'ナカムラ'], ['小林', 'コバヤシ'], ['加藤', 'カトウ'], ['吉田', 'ヨシダ'], ['山田', 'ヤマダ'], ['斎藤', 'サイトウ'], ['松本', 'マツモト'],
  ['井上', 'イノウエ'], ['木村', 'キムラ'], ['林', 'ハヤシ'], ['清水', 'シミズ'], ['山崎', 'ヤマザキ'], ['森', 'モリ'], ['池田', 'イケダ'],
  ['橋本', 'ハシモト'], ['阿部', 'アベ'], ['石川', 'イシカワ'], ['前田', 'マエダ'], ['藤田', 'フジタ'], ['小川', 'オガワ'], ['岡田', 'オカダ'],
  ['後藤', 'ゴトウ'], ['長谷川', 'ハセガワ'], ['村上', 'ムラカミ'], ['近藤', 'コンドウ'], ['髙﨑', 'タカサキ'], ['邊見', 'ヘンミ'],
];

/** Given names with their reading. */
const givenNames: ReadonlyArray<readonly [string, string]> = [
  ['翔', 'ショウ'], ['大輔', 'ダイスケ'], ['健一', 'ケンイチ'], ['直樹', 'ナオキ'], ['拓也', 'タクヤ'], ['誠', 'マコト'], ['さくら', 'サクラ'],
  ['美咲', 'ミサキ'], ['陽菜', 'ヒナ'], ['結衣', 'ユイ'], ['恵子', 'ケイコ'], ['久美子', 'クミコ'], ['葵', 'アオイ'], ['蓮', 'レン'],
  ['悠真', 'ユウマ'], ['湊', 'ミナト'], ['凛', 'リン'], ['千夏', 'チナツ'], ['幸子', 'サチコ'], ['修', 'オサム'], ['ゆかり', 'ユカリ'],
];

/** Prefecture, city, and the beginning of its postal code. */
const places: ReadonlyArray<readonly [string, string, string]> = [
  ['北海道', '札幌市中央区', '060'], ['宮城県', '仙台市青葉区', '980'], ['東京都', '新宿区西新宿', '160'], ['東京都', '世田谷区三軒茶屋', '154'],
  ['神奈川県', '横浜市中区', '231'], ['埼玉県', 'さいたま市大宮区', '330'], ['千葉県', '船橋市本町', '273'], ['新潟県', '新潟市中央区', '951'],
  ['石川県', '金沢市広坂', '920'], ['愛知県', '名古屋市中村区', '450'], ['京都府', '京都市左京区', '606'], ['大阪府', '大阪市北区', '530'],
  ['兵庫県', '神戸市灘区', '657'], ['奈良県', '奈良市登大路町', '630'], ['広島県', '広島市中区', '730'], ['香川県', '高松市番町', '760'],
  ['福岡県', '福岡市博多区', '812'], ['熊本県', '熊本市中央区', '860'], ['鹿児島県', '鹿児島市山下町', '892'], ['沖縄県', '那覇市泉崎', '900'],
];

const buildings = ['メゾン青葉', 'グリーンハイツ', 'コーポ桜', 'パークサイド壱番館', 'サンライズ', '第二光ビル'];
const qualities = ['手作り', '国産', '限定', '軽量', '大容量', '天然', '無添加', '北欧風', '和風', 'ふわふわ', '業務用', '職人の', '有機', '極上', '昔ながらの'];
const materials = ['木製', '陶器の', 'ガラスの', 'リネン', 'コットン', '竹', '鉄', '桐', 'ヒノキ', '真鍮', '磁器', '革', '和紙', 'シリコン'];

/** Kinds of products with their reading. */
const things: ReadonlyArray<readonly [string, string]> = [
  ['急須', 'キュウス'], ['湯呑み', 'ユノミ'], ['弁当箱', 'ベントウバコ'], ['箸置き', 'ハシオキ'], ['風呂敷', 'フロシキ'], ['手ぬぐい', 'テヌグイ'],
  ['まな板', 'マナイタ'], ['鍋', 'ナベ'], ['フライパン', 'フライパン'], ['ランプ', 'ランプ'], ['座布団', 'ザブトン'], ['枕', 'マクラ'],
  ['本棚', 'ホンダナ'], ['花瓶', 'カビン'], ['財布', 'サイフ'], ['万年筆', 'マンネンヒツ'], ['ノート', 'ノート'], ['緑茶', 'リョクチャ'],
  ['味噌', 'ミソ'], ['醤油', 'ショウユ'], ['昆布', 'コンブ'], ['せんべい', 'センベイ'], ['コーヒー豆', 'コーヒーマメ'], ['日傘', 'ヒガサ'],
];

const openings = ['思っていたより', '届いてすぐ使いましたが', '母への贈り物にしました。', '二度目の購入です。', '写真のとおり', '正直に言うと', '半年使ってみて'];
const judgements = ['とても使いやすいです', '色が少し違いました', '重さがちょうど良いです', '値段以上の品質です', '香りが上品です', '縫い目が粗いです', '家族にも好評です'];
const endings = ['また買います。', '友人にも勧めました。', '次は別の色にします！', '梱包も丁寧でした。', '星を一つ減らしました…', '満足しています♪', '「買って良かった」と思います。'];
const searches = ['急須 小さめ', '母の日 ギフト', '弁当箱　二段', 'ﾎﾝﾀﾞﾅ', '送料無料', 'café マグ', '父の日〜プレゼント', 'お茶 100g', '座布団 5枚組'];
const notes = ['午前中に配達してください', '領収書が必要です', '置き配を希望', '包装は簡素で', '平日は不在（夜間希望）', '熨斗をつけてください', '電話は不要です'];

/** A person's name with its reading. */
export interface PersonName {
  readonly family: string;
  readonly given: string;
  readonly kana: string;
}

/** A person with a Japanese name. */
export function personName(random: Random): PersonName {
  const [family, familyKana] = random.pick(familyNames);
  const [given, givenKana] = random.pick(givenNames);
  return { family, given, kana: `${familyKana} ${givenKana}` };
}

/** A postal address in Japan. */
export interface Place {
  readonly postalCode: string;
  readonly prefecture: string;
  readonly city: string;
  readonly street: string;
  readonly building: string | null;
}

/** An address that looks real; half of them have a building. */
export function place(random: Random): Place {
  const [prefecture, city, postal] = random.pick(places);
  return {
    prefecture,
    city,
    postalCode: `${postal}-${String(random.integer(1, 9999)).padStart(4, '0')}`,
    street: `${random.integer(1, 12)}丁目${random.integer(1, 40)}番${random.integer(1, 30)}号`,
    building: random.chance(0.5) ? `${random.pick(buildings)} ${random.integer(1, 12)}0${random.integer(1, 9)}号室` : null,
  };
}

/** The name of a product with its reading. */
export function productName(random: Random): { readonly name: string; readonly kana: string } {
  const [thing, kana] = random.pick(things);
  return { name: `${random.pick(qualities)}${random.pick(materials)}${thing}（${random.integer(1, 12)}号）`, kana };
}

/** One to `maximum` sentences of a customer's opinion. */
export function opinion(random: Random, maximum: number): string {
  let text = '';
  for (let sentences = random.integer(1, maximum); sentences > 0; sentences--) {
    text += `${random.pick(openings)}${random.pick(judgements)}。${random.pick(endings)}`;
  }
  return text;
}

/** A short headline of a review. */
export function headline(random: Random): string {
  return `${random.pick(judgements)}${random.pick(['。', '！', ' ★★★', '（再）'])}`;
}

/** A wish that a customer leaves with an order. */
export function note(random: Random): string {
  return `${random.pick(notes)}${random.chance(0.3) ? '\n' + random.pick(notes) : ''}`;
}

/** What somebody types into the search field of a shop. */
export function searchWords(random: Random): string {
  return random.pick(searches);
}
