/**
 * What an author might declare for the retail tools of τ-bench, knowing what they do and seeing only the arguments. A refund to a gift
 * card changes the balance of a user, and no argument says whose.
 */
import { NOTHING, type Claims } from "./call.ts";
import { both, reads, writes, type Declarations } from "./declarations.ts";

type Arguments = Readonly<Record<string, unknown>>;

const order = ({ order_id }: Arguments): string => `db:orders/${String(order_id)}`;
const user = ({ user_id }: Arguments): string => `db:users/${String(user_id)}`;

/** What the tools only look at. */
const LOOKUPS: Declarations<Arguments> = {
  find_user_id_by_name_zip: () => reads("db:users"),
  find_user_id_by_email: () => reads("db:users"),
  get_user_details: (args) => reads(user(args)),
  get_order_details: (args) => reads(order(args)),
  get_product_details: ({ product_id }) => reads(`db:products/${String(product_id)}`),
  list_all_product_types: () => reads("db:products"),
  calculate: () => NOTHING,
  think: () => NOTHING,
  transfer_to_human_agents: () => NOTHING,
};

const writesOrder = (args: Arguments): Claims => writes(order(args));
const exchangesItems = (args: Arguments): Claims => both(writesOrder(args), reads("db:products"));

/** The order that is named, and nothing of refunds: what most would write, and wrong. */
export const orderOnly: Declarations<Arguments> = {
  ...LOOKUPS,
  cancel_pending_order: writesOrder,
  modify_pending_order_address: writesOrder,
  modify_pending_order_items: exchangesItems,
  modify_pending_order_payment: writesOrder,
  return_delivered_order_items: writesOrder,
  exchange_delivered_order_items: exchangesItems,
  modify_user_address: (args) => writes(user(args)),
};

/** What is paid and refunded is in the user: as no argument says which, in all of them. */
export const withRefunds: Declarations<Arguments> = {
  ...orderOnly,
  cancel_pending_order: (args) => both(writesOrder(args), writes("db:users")),
  modify_pending_order_items: (args) => both(exchangesItems(args), writes("db:users")),
  modify_pending_order_payment: (args) => both(writesOrder(args), writes("db:users")),
  return_delivered_order_items: (args) => both(writesOrder(args), reads("db:users")),
  exchange_delivered_order_items: (args) => both(exchangesItems(args), reads("db:users")),
};

/** Gift cards are a resource of their own, as nothing else of a user is ever paid to: who finds a user does not look at them. */
export const withGiftCards: Declarations<Arguments> = {
  ...orderOnly,
  get_user_details: (args) => reads(user(args), "db:gift-cards"),
  cancel_pending_order: (args) => both(writesOrder(args), writes("db:gift-cards")),
  modify_pending_order_items: (args) => both(exchangesItems(args), writes(...giftCard(args))),
  modify_pending_order_payment: (args) => both(writesOrder(args), writes("db:gift-cards")),
  exchange_delivered_order_items: (args) => both(exchangesItems(args), reads(...giftCard(args))),
};

/** The one that is named, where it is one. */
function giftCard({ payment_method_id }: Arguments): readonly string[] {
  const id = String(payment_method_id);
  return id.startsWith("gift_card") ? [`db:gift-cards/${id}`] : [];
}
