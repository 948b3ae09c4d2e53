"""Extracts of Zoho CRM: CSV of the bulk read, API names as headers, lookups as ids."""

from samples.demo.days import Days, known, latest, snapshots, versions
from samples.demo.extracts import UTF8, UTF8_BOM, Extract
from samples.demo.fxiaoke import opportunity_snapshots
from samples.demo.write import Format

_CONTACT_ID = "'4876876003' || lpad(cast(people.number + 10000000 as varchar), 8, '0')"


def user(number: str) -> str:
    """SQL: id of a user of Zoho."""
    return f"'48768760000' || lpad(cast({number} % 9 + 1 as varchar), 7, '0')"


def extracts(days: Days) -> list[Extract]:
    """All but the orders, which come with :func:`order_extracts`."""
    return [
        _accounts(),
        _contacts(),
        _leads(days),
        _deals(),
        _products(),
        _cases(days),
        _campaigns(),
        _calls(days),
        _events(days),
    ]


def order_extracts(days: Days) -> list[Extract]:
    """Orders and their items, over the tables ``orders`` and ``lines``."""
    return [_orders(days), _items(days)]


def _extract(name: str, module: str, key: tuple[str, ...], query: str, form: Format = UTF8, **more: object) -> Extract:
    return Extract("zoho", name, f"{module}_{{day}}.csv", form, key, query, **more)  # type: ignore[arg-type]


def _accounts() -> Extract:
    query = f"""
        select
            load,
            id as "Id",
            name as "Account_Name",
            case kind when 'distributor' then 'Distributor' else 'Store' end as "Account_Type",
            phone as "Phone",
            cast(null as varchar) as "Website",
            uscc as "USCC__c",
            province as "Billing_State",
            city as "Billing_City",
            district as "Billing_District__c",
            address as "Billing_Street",
            channel as "Account_Source",
            case when changed < cut(load) then level else level_before end as "Rating",
            parent as "Parent_Account",
            {user("case when changed < cut(load) then owner else owner_before end")} as "Owner",
            replace(tags, '；', ',') as "Tag",
            email as "Email__c",
            iso(created) as "Created_Time",
            iso({latest("created", "changed")}) as "Modified_Time"
        from {snapshots("(select * from record where source = 'zoho' and kind <> 'person')", "created", "gone")}
    """
    return _extract("accounts", "Accounts", ("Id",), query, UTF8_BOM, is_snapshot=True)


def _contacts() -> Extract:
    query = f"""
        select
            load,
            id as "Id",
            name as "Full_Name",
            cast(null as varchar) as "Account_Name",
            phone as "Mobile",
            cast(null as varchar) as "Phone",
            email as "Email",
            openid as "WeChat_OpenID__c",
            gender as "Gender__c",
            birth_date as "Date_of_Birth",
            occupation as "Occupation__c",
            province as "Mailing_State",
            city as "Mailing_City",
            address as "Mailing_Street",
            channel as "Lead_Source",
            case when changed < cut(load) then level else level_before end as "Level__c",
            referrer as "Referred_By__c",
            {user("case when changed < cut(load) then owner else owner_before end")} as "Owner",
            replace(tags, '；', ',') as "Tag",
            case when consents and (withdrawn is null or withdrawn >= cut(load)) then 'false' else 'true' end
                as "Email_Opt_Out",
            iso(created) as "Created_Time",
            iso({latest("created", "changed", "withdrawn")}) as "Modified_Time"
        from {snapshots("(select * from record where source = 'zoho' and kind = 'person')", "created", "gone")}
        union all
        select
            load,
            {_CONTACT_ID},
            people.name,
            record.id,
            people.mobile,
            null,
            people.email,
            people.openid,
            null, null, people.job_title, null, null, null, null, null, null,
            {user("record.owner_before")},
            null,
            'false',
            iso(people.created),
            iso(people.created)
        from {snapshots("(select * from contact where system = 2)", "created", "gone")} as people
        inner join record on people.record = record.number
    """
    return _extract("contacts", "Contacts", ("Id",), query, is_snapshot=True)


def _leads(days: Days) -> Extract:
    events = ["created", "first_contact", "converted", "closed"]
    query = f"""
        select
            load,
            id as "Id",
            name as "Full_Name",
            company as "Company",
            mobile as "Mobile",
            cast(null as varchar) as "Email",
            channel as "Lead_Source",
            '4876876004' || lpad(cast(campaign + 10000001 as varchar), 8, '0') as "Campaign__c",
            {user("owner")} as "Owner",
            case
                when converted < cut(load) then 'Converted'
                when closed < cut(load) then 'Lost Lead'
                when first_contact < cut(load) then 'Contacted'
                else 'Not Contacted'
            end as "Lead_Status",
            cast(score as varchar) as "Lead_Score__c",
            iso({known("first_contact")}) as "First_Contacted_Time__c",
            iso({known("converted")}) as "Converted_Date_Time",
            case when converted < cut(load) and company is not null then customer_id end as "Converted_Account",
            case when converted < cut(load) and company is null then customer_id end as "Converted_Contact",
            case when converted < cut(load) then opportunity_id end as "Converted_Deal",
            iso(created) as "Created_Time",
            iso({latest(*events)}) as "Modified_Time"
        from {versions("(select * from lead where source = 'zoho')", events, days)}
    """
    return _extract("leads", "Leads", ("Id",), query)


def _deals() -> Extract:
    is_open = "(closed is null or closed >= cut(load))"
    query = f"""
        select
            load,
            id as "Id",
            pipeline || '-' || number as "Deal_Name",
            customer_id as "Account_Name",
            cast(null as varchar) as "Contact_Name",
            lead_id as "Lead__c",
            {user("owner")} as "Owner",
            pipeline as "Pipeline",
            case when {is_open} then stage when is_won then 'Closed Won' else 'Closed Lost' end as "Stage",
            case when {is_open} then null else stage end as "Stage_Before_Closing__c",
            amount || '.00' as "Amount",
            cast(case when {is_open} then probability when is_won then 100 else 0 end as varchar) as "Probability",
            on_day(expected) as "Closing_Date",
            iso({known("quoted")}) as "Quoted_Time__c",
            iso({known("closed")}) as "Closed_Time__c",
            iso(greatest(entered, {known("closed")})) as "Stage_Modified_Time",
            case when {is_open} or is_won then null else reason end as "Reason_For_Loss__c",
            iso(created) as "Created_Time",
            iso(greatest(entered, {known("closed")})) as "Modified_Time"
        from {opportunity_snapshots("zoho")}
    """
    return _extract("deals", "Deals", ("Id",), query, is_snapshot=True)


def _products() -> Extract:
    query = f"""
        select
            load,
            product_id as "Product_Code",
            name as "Product_Name",
            category_1 as "Product_Category",
            brand as "Brand__c",
            yuan(cast(cost_fen as bigint)) as "Unit_Cost__c",
            launched_on as "Sales_Start_Date"
        from {snapshots("product", "epoch(cast(launched_on as date))")}
    """
    return _extract("products", "Products", ("Product_Code",), query, is_snapshot=True)


def _cases(days: Days) -> Extract:
    query = f"""
        select
            load,
            '4876876005' || lpad(cast(cases.number + 10000000 as varchar), 8, '0') as "Id",
            case when kind <> 'person' then record.id end as "Account_Name",
            case when kind = 'person' then record.id end as "Contact_Name",
            {user("cases.number")} as "Owner",
            (['Complaint', 'Question', 'Return', 'Delivery'])[cases.type + 1] as "Type",
            cases.topic as "Case_Reason",
            iso(opened) as "Created_Time",
            iso({known("replied")}) as "First_Response_Time__c",
            iso({known("closed")}) as "Closed_Time__c",
            case when closed < cut(load) then 'Closed' when replied < cut(load) then 'In Progress' else 'New' end
                as "Status",
            iso({latest("opened", "replied", "closed")}) as "Modified_Time"
        from {versions("(select * from cases where system = 2)", ["opened", "replied", "closed"], days)} as cases
        inner join record on cases.record = record.number
    """
    return _extract("cases", "Cases", ("Id",), query)


def _campaigns() -> Extract:
    query = f"""
        select
            load,
            '4876876004' || lpad(cast(number + 10000001 as varchar), 8, '0') as "Id",
            name as "Campaign_Name",
            type as "Type",
            on_day(starts) as "Start_Date",
            on_day(ends) as "End_Date",
            cost || '.00' as "Actual_Cost",
            iso(starts) as "Modified_Time"
        from {snapshots("trade_campaign", "starts")}
    """
    return _extract("campaigns", "Campaigns", ("Id",), query, is_snapshot=True)


_WHO = """
            case when record.kind <> 'person' then record.id end as "What_Id",
            case when record.kind = 'person' then record.id else lead.id end as "Who_Id",
            case when record.kind = 'person' then 'Contacts' when lead.id is not null then 'Leads' end
                as "Who_Module__c","""


def _calls(days: Days) -> Extract:
    calls = "(select * from activities where system = 2 and type <> 4)"
    query = f"""
        select
            load,
            '4876876006' || lpad(cast(activity.number + 10000000 as varchar), 8, '0') as "Id",{_WHO}
            {user("coalesce(record.owner_before, lead.owner)")} as "Owner",
            case when is_in then 'Inbound' else 'Outbound' end as "Call_Type",
            (['Follow-up', 'Care', 'Birthday', 'Service', 'Promotion'])[purpose + 1] as "Call_Purpose",
            iso(activity.moment) as "Call_Start_Time",
            cast(minutes as varchar) as "Call_Duration_Minutes__c",
            iso({known("replied")}) as "Replied_Time__c",
            iso({latest("activity.moment", "replied")}) as "Modified_Time"
        from {versions(calls, ["moment", "replied"], days)} as activity
        left join record on activity.record = record.number
        left join lead on activity.lead = lead.number and lead.source = 'zoho'
    """
    return _extract("calls", "Calls", ("Id",), query)


def _events(days: Days) -> Extract:
    query = f"""
        select
            load,
            '4876876007' || lpad(cast(activity.number + 10000000 as varchar), 8, '0') as "Id",{_WHO}
            {user("coalesce(record.owner_before, lead.owner)")} as "Owner",
            (['跟进沟通', '客户关怀', '生日问候', '服务回访', '促销洽谈'])[purpose + 1] as "Event_Title",
            'event' as "Event_Type__c",
            cast(null as varchar) as "Planned_Time__c",
            iso(activity.moment) as "Start_DateTime",
            iso(activity.moment + minutes * 60) as "End_DateTime",
            cast(null as varchar) as "Cost__c",
            iso(activity.moment) as "Modified_Time"
        from {versions("(select * from activities where system = 2 and type = 4)", ["moment"], days)} as activity
        left join record on activity.record = record.number
        left join lead on activity.lead = lead.number and lead.source = 'zoho'
        union all
        select
            load,
            '4876876008' || lpad(cast(visit.number + 10000000 as varchar), 8, '0'),
            record.id,
            null,
            null,
            {user("record.owner_before")},
            (['拜访', '关怀', '服务', '促销'])[purpose + 1],
            'visit',
            iso(planned),
            iso(checkin),
            iso(checkout),
            cost || '.00',
            iso(checkin)
        from {versions("(select * from visits where system = 2 and checkin is not null)", ["checkin"], days)} as visit
        inner join record on visit.record = record.number
    """
    return _extract("events", "Events", ("Id",), query)


_ORDER_ID = "order_id(2, number, moment)"
_WRONG = "corrected >= cut(load)"


def _orders(days: Days) -> Extract:
    events = ["moment", "shipped", "delivered", "cancelled", "corrected"]
    gross, net = (f"case when {_WRONG} then wrong_{amount} else {amount} end" for amount in ("gross", "net"))
    query = f"""
        select
            load,
            {_ORDER_ID} as "Id",
            'Order ' || number as "Subject",
            case when kind <> 'person' then customer_id end as "Account_Name",
            case when kind = 'person' then customer_id end as "Contact_Name",
            iso(moment) as "Order_Time__c",
            case
                when cancelled < cut(load) then 'Cancelled'
                when delivered < cut(load) then 'Delivered'
                when shipped < cut(load) then 'Approved'
                else 'Created'
            end as "Status",
            channel as "Sales_Channel__c",
            payment as "Payment_Method__c",
            yuan({gross}) as "Sub_Total",
            yuan(({gross}) - ({net})) as "Discount",
            yuan((({net}) * 13 + 50) // 100) as "Tax",
            yuan({net}) as "Net_Amount__c",
            iso({known("shipped")}) as "Shipped_Time__c",
            iso({known("delivered")}) as "Delivered_Time__c",
            iso(moment) as "Created_Time",
            iso({latest(*events)}) as "Modified_Time"
        from (
            select versions.*, record.kind
            from {versions("(select * from orders where system = 2)", events, days)} as versions
            inner join record on versions.record = record.number
        )
    """
    return _extract("sales_orders", "Sales_Orders", ("Id",), query)


def _items(days: Days) -> Extract:
    events = ["moment", "corrected", "returned"]
    is_wrong = f"line_no = 1 and {_WRONG}"
    query = f"""
        with items as (
            select * from {versions("(select * from lines where system = 2)", events, days)}
        )
        select
            load,
            {_ORDER_ID} as "Parent_Id",
            cast(line_no as varchar) as "Sequence_Number",
            product_id as "Product_Code",
            cast(case when {is_wrong} then quantity * 10 else quantity end as varchar) as "Quantity",
            yuan(price) as "List_Price",
            yuan(case when {is_wrong} then wrong_net else net end) as "Net_Total",
            yuan(case when {is_wrong} then cost * 10 else cost end) as "Cost__c",
            iso({latest("moment", "corrected", "returned")}) as "Modified_Time"
        from items
        union all
        select
            load,
            {_ORDER_ID},
            cast(100 + line_no as varchar),
            product_id,
            cast(-returned_quantity as varchar),
            yuan(price),
            yuan(-returned_net),
            yuan(-returned_cost),
            iso(returned)
        from items
        where returned < cut(load) and returned_quantity > 0
    """
    return _extract(
        "ordered_items", "Ordered_Items", ("Parent_Id", "Sequence_Number"), query,
        order='"Parent_Id", cast("Sequence_Number" as bigint)',
    )  # fmt: skip
