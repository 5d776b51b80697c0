/**
 * What an author might declare for the simulators of the Berkeley Function Calling Leaderboard, knowing what they do and seeing only the
 * arguments. Every simulator has a session or a working folder that no argument names.
 */
import { NOTHING, type Claims } from "./call.ts";
import { both, reads, writes, type Declarations } from "./declarations.ts";
import type { PythonCall } from "./python-call.ts";

type Arguments = PythonCall["args"];
type Simulator = Declarations<Arguments>;

/** Made of its arguments alone. */
const pure = (): Claims => NOTHING;

/** Each tool in the session of its simulator, which a login changes. */
function withSession(name: string, simulator: Simulator): Simulator {
  return Object.fromEntries(
    Object.entries(simulator).map(([tool, declare]) => [
      tool,
      (args) => both(reads(`${name}:session`), declare(args)),
    ]),
  );
}

/** Files are named from the working folder, which only `cd` changes: within it, what it is need not be known. */
const file = (name: string | undefined): string => {
  const inner = (name ?? ".").split("/").filter((part) => part !== "" && part !== ".");
  return inner.includes("..") ? "files:tree" : ["files:tree", ...inner].join("/");
};
const readsFile = (args: Arguments): Claims => reads(file(args["file_name"] ?? args["0"]));
const writesFile = (args: Arguments): Claims => writes(file(args["file_name"] ?? args["0"]));
const writesFolder = (args: Arguments): Claims => writes(file(args["dir_name"] ?? args["0"]));

const files: Simulator = {
  ...withSession("files", {
    cat: readsFile,
    wc: readsFile,
    sort: readsFile,
    grep: readsFile,
    tail: readsFile,
    diff: ({ file_name1, file_name2 }) => reads(file(file_name1), file(file_name2)),
    ls: () => reads("files:tree"),
    du: () => reads("files:tree"),
    pwd: pure,
    find: ({ path }) => reads(file(path)),
    touch: writesFile,
    rm: writesFile,
    mkdir: writesFolder,
    rmdir: writesFolder,
    echo: ({ file_name }) => (file_name === undefined ? NOTHING : writes(file(file_name))),
    cp: ({ source, destination }) => both(reads(file(source)), writes(file(destination))),
    mv: ({ source, destination }) => writes(file(source), file(destination)),
  }),
  cd: () => writes("files:session"),
};

const vehicle: Simulator = {
  startEngine: () =>
    both(writes("vehicle:engine"), reads("vehicle:doors", "vehicle:brakePedal", "vehicle:fuel")),
  fillFuelTank: () => writes("vehicle:fuel"),
  lockDoors: () => writes("vehicle:doors"),
  pressBrakePedal: () => writes("vehicle:brakePedal"),
  activateParkingBrake: () => writes("vehicle:parkingBrake"),
  setCruiseControl: () => both(writes("vehicle:cruise"), reads("vehicle:engine")),
  setHeadlights: () => writes("vehicle:headlights"),
  set_navigation: () => writes("vehicle:destination"),
  displayCarStatus: (args) => reads(`vehicle:${args["option"] ?? args["0"] ?? ""}`),
  check_tire_pressure: () => reads("vehicle:tires"),
  estimate_drive_feasibility_by_mileage: () => reads("vehicle:fuel"),
  // Draws the next of its random numbers: a sequence that is shared.
  get_outside_temperature_from_google: () => writes("vehicle:random"),
  estimate_distance: pure,
  find_nearest_tire_shop: pure,
  gallon_to_liter: pure,
  liter_to_gallon: pure,
  get_zipcode_based_on_city: pure,
};

const twitter: Simulator = {
  ...withSession("twitter", {
    post_tweet: () => writes("twitter:tweets"),
    retweet: ({ tweet_id }) =>
      both(reads(`twitter:tweets/${tweet_id}`), writes("twitter:retweets")),
    comment: ({ tweet_id }) =>
      both(reads(`twitter:tweets/${tweet_id}`), writes(`twitter:comments/${tweet_id}`)),
    mention: ({ tweet_id }) => writes(`twitter:tweets/${tweet_id}`),
  }),
  authenticate_twitter: () => writes("twitter:session"),
};

const messages: Simulator = {
  ...withSession("messages", {
    send_message: () => both(writes("messages:inbox"), reads("messages:users")),
    delete_message: () => writes("messages:inbox"),
    view_messages_sent: () => reads("messages:inbox"),
  }),
  add_contact: () => writes("messages:users"),
  get_user_id: () => reads("messages:users"),
  message_login: () => both(writes("messages:session"), reads("messages:users")),
};

const tickets: Simulator = {
  ...withSession("tickets", {
    create_ticket: () => writes("tickets:all"),
    get_ticket: ({ ticket_id }) => reads(`tickets:all/${ticket_id}`),
    edit_ticket: ({ ticket_id }) => writes(`tickets:all/${ticket_id}`),
    close_ticket: ({ ticket_id }) => writes(`tickets:all/${ticket_id}`),
    resolve_ticket: ({ ticket_id }) => writes(`tickets:all/${ticket_id}`),
  }),
  ticket_login: () => writes("tickets:session"),
};

const trading: Simulator = {
  ...withSession("trading", {
    place_order: () => both(writes("trading:orders"), reads("trading:stocks")),
    cancel_order: ({ order_id }) => writes(`trading:orders/${order_id}`),
    fund_account: () => writes("trading:account"),
    withdraw_funds: () => writes("trading:account"),
    get_account_info: () => reads("trading:account"),
    get_watchlist: () => reads("trading:watchlist"),
    add_to_watchlist: () => both(writes("trading:watchlist"), reads("trading:stocks")),
    remove_stock_from_watchlist: () => writes("trading:watchlist"),
  }),
  get_order_details: ({ order_id }) => reads(`trading:orders/${order_id}`),
  get_stock_info: () => reads("trading:stocks"),
  get_available_stocks: () => reads("trading:stocks"),
  get_current_time: pure,
  trading_logout: () => writes("trading:session"),
};

const travel: Simulator = {
  ...withSession("travel", {
    // Draws the number of the booking, and is paid.
    book_flight: ({ card_id }) =>
      both(writes("travel:bookings", `travel:cards/${card_id}`), reads("travel:budget")),
    // Pays back to a card that no argument names.
    cancel_booking: ({ booking_id }) => writes(`travel:bookings/${booking_id}`, "travel:cards"),
    purchase_insurance: ({ booking_id, card_id }) =>
      both(
        reads(`travel:bookings/${booking_id}`, "travel:budget"),
        writes("travel:insurances", `travel:cards/${card_id}`),
      ),
    retrieve_invoice: ({ booking_id }) => reads(`travel:bookings/${booking_id}`),
    contact_customer_support: ({ booking_id }) => reads(`travel:bookings/${booking_id}`),
    get_credit_card_balance: ({ card_id }) => reads(`travel:cards/${card_id}`),
    // Draws the number of the card.
    register_credit_card: () => writes("travel:cards"),
    set_budget_limit: () => writes("travel:budget"),
    verify_traveler_information: pure,
  }),
  authenticate_travel: () => writes("travel:session"),
  compute_exchange_rate: pure,
  get_flight_cost: pure,
  get_nearest_airport_by_city: pure,
  list_all_airports: pure,
};

const mathematics: Simulator = { logarithm: pure, mean: pure, standard_deviation: pure };

const BY_CLASS: Readonly<Record<string, Simulator>> = {
  GorillaFileSystem: files,
  MathAPI: mathematics,
  MessageAPI: messages,
  TicketAPI: tickets,
  TradingBot: trading,
  TravelAPI: travel,
  TwitterAPI: twitter,
  VehicleControlAPI: vehicle,
};

/** The tools of a simulator of that name, with what each declares. */
export function simulatorOf(name: string): Simulator {
  const simulator = BY_CLASS[name];
  if (simulator === undefined) {
    throw new TypeError(`Cannot replay a call as its simulator must be known: ${name}`);
  }
  return simulator;
}

/** The same with one resource for the whole simulator. */
export function asOneResource(name: string, claims: Claims): Claims {
  const resource = `simulator:${name}`;
  if (claims.writes.length > 0) {
    return writes(resource);
  }
  return claims.reads.length > 0 ? reads(resource) : NOTHING;
}

/** The same by somebody who thinks only of the arguments: the working folder and who is logged in are forgotten. */
export function withoutSession({ reads, writes }: Claims): Claims {
  const isShown = (name: string): boolean => !name.endsWith(":session");
  return { reads: reads.filter(isShown), writes: writes.filter(isShown) };
}
